#include "runtime/measure/primitives.hpp"

#include "runtime/execute/rounds.hpp"
#include "runtime/kernels/instruction_set.hpp"

namespace coil {
namespace {

constexpr std::size_t warm_up = 2;
constexpr std::size_t runs = 9;

// oneDNN mostly ends an implementation's name by its instruction set, "brgemm:avx512_core"; where it does not
// ("gemm:jit"), the code was made for the best that it may use.
Primitive primitive_of(const onednn::Step& step) {
  Primitive primitive{step.node,
                      step.what,
                      std::string(step.requested_type),
                      std::string(step.actual_type),
                      onednn::effective_isa(),
                      step.implementation,
                      0};
  if (step.implementation.starts_with("coil:")) {
    primitive.isa = kernels::instruction_set();
    return primitive;
  }
  const std::size_t colon = step.implementation.rfind(':');
  if (colon == std::string::npos) return primitive;
  const std::string end = step.implementation.substr(colon + 1);
  if (!end.starts_with("avx") && !end.starts_with("sse")) return primitive;
  primitive.isa = end;
  primitive.implementation.resize(colon);
  return primitive;
}

}  // namespace

std::vector<Primitive> time_primitives(SampleRun& run) {
  const auto steps = run.program().repeated_steps();
  std::vector<std::vector<double>> seconds(steps.size());
  std::vector<double> once(steps.size());
  for (std::size_t i = 0; i < warm_up + runs; ++i) {
    run.feed();
    run.program().run_timed(once);
    for (std::size_t step = 0; step < steps.size() && i >= warm_up; ++step)
      seconds[step].push_back(once[step]);
  }
  std::vector<Primitive> primitives;
  for (std::size_t step = 0; step < steps.size(); ++step) {
    primitives.push_back(primitive_of(steps[step]));
    primitives.back().seconds = quartiles(seconds[step]).median;
  }
  return primitives;
}

}  // namespace coil
