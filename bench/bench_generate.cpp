// The time of one character that a model writes, at batch 1: `step` is the program alone, from live states or over
// the window; `write` the generator, which chooses a character by it. How long a command takes to its first
// character is what bench/start_up measures.
#include "runtime/generate/generator.hpp"

#include "bench/models.hpp"

namespace coil::bench {
namespace {

void write(benchmark::State& state, const std::string& name, double temperature) {
  Model model = sample_of(model_named(name));
  GenerateOptions options;
  options.sampling.temperature = temperature;
  Generator generator(model, options);
  generator.next();
  for (auto _ : state) benchmark::DoNotOptimize(generator.next());
}

void register_write(const std::string& name, double temperature) {
  const std::string title = "write/" + name + (temperature > 0 ? "/drawn" : "/likeliest");
  benchmark::RegisterBenchmark(title.c_str(),
                               [=](benchmark::State& state) { write(state, name, temperature); })
      ->UseRealTime()
      ->Unit(benchmark::kMicrosecond);
}

void register_step(const std::string& name, const LoweringRow& row) {
  const std::string title = "step/" + name + "/" + std::string(row.name);
  benchmark::RegisterBenchmark(
      title.c_str(),
      [=, lowering = row.lowering](benchmark::State& state) {
        time_subject(state, model_named(name), Measured::step, {lowering, 1, 1});
      })
      ->UseRealTime()
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace
}  // namespace coil::bench

int main(int argc, char** argv) {
  using namespace coil::bench;
  for (const char* name : model_names) {
    for (const coil::LoweringRow& row : coil::lowerings()) register_step(name, row);
    for (const double temperature : {0.0, 0.8}) register_write(name, temperature);
  }
  return run_registered(argc, argv);
}
