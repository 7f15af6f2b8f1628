#pragma once

// What the benchmarks of models share: the five models, models from a text, and how a subject is timed. With two
// threads set OMP_PROC_BIND=true, else a busy machine may put both on one core.

#include <benchmark/benchmark.h>
#include <string>

#include "compiler/compile/compile.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/load.hpp"

#include "runtime/measure/sample_model.hpp"
#include "runtime/measure/subject.hpp"

namespace coil::bench {

// In models/, at their usual eight steps; Char3 has three.
inline constexpr const char* model_names[] = {"char3", "char_loop", "char_rnn", "char_stateful_rnn",
                                              "char_stateful_lstm"};

inline Compiled compiled(const SourceFile& source) {
  Diagnostics diagnostics(source);
  Runner runner;
  auto result = compile(source, {}, diagnostics, runner);
  require(result.has_value(), "a benchmark's model does not compile:\n{}", diagnostics.render());
  return std::move(*result);
}

inline Model model_from_text(const std::string& text) {
  return Model::from(compiled(SourceFile("benchmark.model", text)));
}

inline Model model_named(const std::string& name) {
  const std::string path = std::string(COIL_MODELS) + "/" + name + ".model";
  return Model::from(compiled(SourceFile(path, read_file(path, largest_source_bytes))));
}

// `per_character` is the time of one character, in all rows. An entry that the model has not is told as an error.
inline void time_subject(benchmark::State& state, const Model& model, Measured entry,
                         const SubjectOptions& options) {
  std::string why;
  const auto subject = make_subject(model, entry, options, &why);
  if (!subject) return state.SkipWithError(why.c_str());
  subject->run();  // creates what the others use
  for (auto _ : state) subject->run();
  using Counter = benchmark::Counter;
  const auto characters = static_cast<double>(options.batch * subject->characters);
  state.counters["per_character"] =
      Counter(characters, Counter::kIsIterationInvariantRate | Counter::kInvert);
}

// Registers `char_loop/unrolled/threads:2` and so on: each model, lowering and thread count.
inline void register_models(Measured entry) {
  for (const std::string name : model_names)
    for (const LoweringRow& row : lowerings())
      for (const int threads : {1, 2}) {
        const auto time = [name, entry, lowering = row.lowering, threads](benchmark::State& state) {
          const Model model = model_named(name);
          time_subject(state, model, entry, {lowering, usual_batch(model, entry), threads});
        };
        const std::string title =
            name + "/" + std::string(row.name) + "/threads:" + std::to_string(threads);
        benchmark::RegisterBenchmark(title.c_str(), time)
            ->UseRealTime()
            ->Unit(benchmark::kMicrosecond);
      }
}

inline int run_registered(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace coil::bench
