#include "runtime/evaluate/calibrate.hpp"

#include <cmath>

#include "compiler/source/run_error.hpp"

namespace coil {
namespace {

void widen(Ranges& ranges, const Observed& observed, const Program& program) {
  for (const Output& output : program.plan().graph.outputs) {
    const auto known = observed.find(output.name);
    if (known == observed.end()) continue;
    float largest = 0;
    for (const float x : program.output(output.name)) {
      if (!std::isfinite(x))
        fail(ExitCode::bad_artifact, "model {} multiplies {}: its weights are broken",
             program.plan().graph.name, x);
      largest = std::max(largest, std::abs(x));
    }
    for (const std::string& leaf : known->second) {
      float& range = ranges[leaf];
      range = std::max(range, largest);
    }
  }
}

}  // namespace

Calibration calibrate(Model& model, std::string_view text, const std::string& name,
                      EvaluateOptions options, UnknownPolicy unknown,
                      const std::function<void(std::int64_t, const Evaluation&)>& after_batch) {
  Calibration calibration;
  options.execution.precision = Precision::f32;
  options.execution.require = std::nullopt;
  std::int64_t before = 0;  // samples measured by another lowering
  for (const Lowering lowering : {Lowering::unrolled, Lowering::hoisted}) {
    options.execution.lowering = lowering;
    options.execution.observed = std::make_shared<Observed>();
    const std::shared_ptr<Observed> observed = options.execution.observed;
    Evaluator evaluator(model, text, name, options, unknown);
    evaluator.on_run = [&](const Program& program) {
      widen(calibration.ranges, *observed, program);
    };
    calibration.measured = evaluator.run([&](std::int64_t samples, const Evaluation& so_far) {
      if (after_batch) after_batch(before + samples, so_far);
      return true;
    });
    before += static_cast<std::int64_t>(evaluator.samples().size());
  }
  return calibration;
}

}  // namespace coil
