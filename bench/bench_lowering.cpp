// Each cell by each lowering and in each precision, at several numbers of steps T, rows N and units H: forward, and forward with backward.
// A character a step comes in and the one after the last is predicted, so that there is something to learn. Cells
// go on from a state: from zeros, the first step would have no product with it.
#include <fmt/format.h>

#include "compiler/graph/faces.hpp"

#include "runtime/measure/sample_run.hpp"

#include "bench/models.hpp"

namespace coil::bench {
namespace {

struct Cell {
  const char* name;
  const char* text;  // in the language, for so many units
};
constexpr Cell cells[] = {{"simple_rnn", "simple_rnn({}, stateful = true)"},
                          {"gru", "gru({}, stateful = true)"},
                          {"gru_reset_before", "gru({}, reset_after = false, stateful = true)"},
                          {"lstm", "lstm({}, stateful = true)"}};

struct Size {
  std::int64_t steps, rows, units;
};
constexpr Size sizes[] = {{8, 1, 256},   {8, 64, 256},  {8, 64, 512},
                          {8, 512, 256}, {64, 64, 256}, {1, 1, 512}};

struct Direction {
  const char* name;
  Entry entry;
};
constexpr Direction directions[] = {{"forward", Entry::predict}, {"gradients", Entry::gradients}};

Model model_of(const Cell& cell, const Size& size) {
  const std::string layer = fmt::format(fmt::runtime(cell.text), size.units);
  return model_from_text(
      fmt::format("model Cell {{\n  input c[{}]: index(57)\n"
                  "  output c |> embedding(57, 42) |> {} |> last |> dense(57, softmax)\n}}\n",
                  size.steps, layer));
}

// Some, of every weight: what numbers become does not change how long it takes.
std::shared_ptr<const Ranges> some_ranges(const Model& model) {
  auto ranges = std::make_shared<Ranges>();
  for (const StoredWeight& weight : stored_weights(model.graph)) ranges->emplace(weight.name, 1.0f);
  return ranges;
}

void add(const Cell& cell, const LoweringRow& row, const PrecisionRow& precision, const Size& size,
         const Direction& direction, int threads) {
  const std::string title =
      fmt::format("{}/{}/{}/{}/T:{}/N:{}/H:{}/threads:{}", cell.name, direction.name, row.name,
                  precision.name, size.steps, size.rows, size.units, threads);
  const auto time = [=, lowering = row.lowering,
                     in = precision.precision](benchmark::State& state) {
    Model model = sample_of(model_of(cell, size));
    SubjectOptions options{lowering, size.rows, threads, in};
    options.ranges = some_ranges(model);
    SampleRun run(std::move(model), direction.entry, options);
    run.run();  // creates what the others use
    for (auto _ : state) run.run();
  };
  benchmark::RegisterBenchmark(title.c_str(), time)->UseRealTime()->Unit(benchmark::kMicrosecond);
}

}  // namespace
}  // namespace coil::bench

int main(int argc, char** argv) {
  using namespace coil::bench;
  for (const Cell& cell : cells)
    for (const Size& size : sizes)
      for (const Direction& direction : directions)
        for (const int threads : {1, 2})
          for (const coil::LoweringRow& row : coil::lowerings())
            for (const coil::PrecisionRow& precision : coil::precisions())
              if (precision.precision != coil::Precision::int8 ||
                  direction.entry == coil::Entry::predict)
                add(cell, row, precision, size, direction, threads);
  return run_registered(argc, argv);
}
