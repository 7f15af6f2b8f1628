// How long compiling takes, from text to canonical graph: an LSTM's steps pasted one after another, 8 to 4,096 of
// them; and the same as a loop. Both come to the graph of one scan.
#include <fmt/format.h>

#include "bench/models.hpp"

namespace coil::bench {
namespace {

constexpr const char* weights =
    "  layer embed = embedding(57, 42)\n"
    "  weight W: real[42, 512] = glorot_uniform\n"
    "  weight U: real[128, 512] = orthogonal\n"
    "  weight b: real[512] = lstm_bias\n"
    "  h = zeros(128)\n"
    "  s = zeros(128)\n";

std::string step_of(const std::string& character) {
  return fmt::format(
      "  i, f, g, o = split(embed({}) @ W + h @ U + b, 4)\n"
      "  s = sigmoid(f) * s + sigmoid(i) * tanh(g)\n"
      "  h = sigmoid(o) * tanh(s)\n",
      character);
}

std::string pasted(std::int64_t steps) {
  std::string text = fmt::format("model Pasted {{\n  input c[{}]: index(57)\n{}", steps, weights);
  for (std::int64_t t = 0; t < steps; ++t) text += step_of(fmt::format("c[{}]", t));
  return text + "  output h |> dense(57, softmax)\n}\n";
}

std::string looped(std::int64_t steps) {
  return fmt::format(
      "model Looped {{\n  input c[{}]: index(57)\n{}  for t in 0..{} {{\n{}  }}\n"
      "  output h |> dense(57, softmax)\n}}\n",
      steps, weights, steps, step_of("c[t]"));
}

void time_compiling(benchmark::State& state, std::string (*text_of)(std::int64_t)) {
  const SourceFile source("benchmark.model", text_of(state.range(0)));
  std::size_t scans = 0;
  for (auto _ : state) {
    const Compiled result = compiled(source);
    scans = 0;
    for (const Node& node : result.canonical.nodes()) scans += node.op == Op::scan;
  }
  if (scans != 1) state.SkipWithError("the steps were not rolled into one scan");
  state.counters["per_step"] = benchmark::Counter(
      static_cast<double>(state.range(0)),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

BENCHMARK_CAPTURE(time_compiling, pasted, pasted)
    ->ArgName("steps")
    ->RangeMultiplier(8)
    ->Range(8, 4096)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(time_compiling, looped, looped)
    ->ArgName("steps")
    ->RangeMultiplier(8)
    ->Range(8, 4096)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace coil::bench
