#include <fmt/format.h>
#include <memory>

#include "compiler/passes/retime.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/commands.hpp"
#include "runtime/cli/execution_options.hpp"
#include "runtime/cli/model_source.hpp"
#include "runtime/cli/numbers.hpp"
#include "runtime/cli/run_arrays.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/cli/state_files.hpp"
#include "runtime/cli/unknown_option.hpp"
#include "runtime/generate/generator.hpp"

namespace coil::cli {
namespace {

constexpr const char* run_examples =
    "  coil run trained.coil --text \"for thos\" --top 5\n"
    "  coil run trained.coil --input c1=c1.npy --input c2=c2.npy --input c3=c3.npy --output y.npy\n"
    "  coil train models/char_rnn.model --corpus examples/corpus/the-rope-walk.txt --epochs 1 "
    "-o rnn.coil\n"
    "  coil run rnn.coil --steps 12 --text \"for those who\"\n"
    "NumPy arrays have the batch as first dimension; an input of one index a row is [batch].\n";

struct RunOptions {
  ModelSource source;
  std::optional<std::string> text;
  std::string weights;
  std::string unknown = "error";
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  StateFiles states;
  std::optional<std::int64_t> steps;
  std::int64_t top = 5;
  ExecutionOptions execution;
};

void declare(App& app, RunOptions& options) {
  add_model_source(app, options.source);
  auto* text = app.add_option("--text", options.text, "print what may come after this text");
  text->type_name("TEXT");
  add_number(app, "--top", options.top, Range<std::int64_t>{1, 65'536},
             "how many characters --text prints, the likeliest first")
      ->default_str("5");
  add_unknown(app, options.unknown, "of the text that the model does not know");
  app.add_option("--input", options.inputs, "an array for one of the model's inputs")
      ->type_name("NAME=FILE.npy")
      ->repeatable()
      ->excludes(text);
  app.add_option("--output", options.outputs, "where a result goes; the name may be left out")
      ->type_name("NAME=FILE.npy")
      ->repeatable()
      ->excludes(text);
  app.add_option("--weights", options.weights, "weights from a safetensors file, by name")
      ->type_name("FILE");
  add_number(app, "--steps", options.steps, Range<std::int64_t>{1, 100'000},
             "run the model's recurrences over so many steps, where its text allows")
      ->default_str("as the text says");
  add_state_files(app, options.states);
  add_execution(app, options.execution);
  set_up(app, run_examples);
}

void save_text_state(const RunOptions& options, const Identity& identity, Generator& generator) {
  LiveState state = generator.state();
  state.identity = identity;
  save_state(options.states.out, state);
}

int run_text(const RunOptions& options, Model& model, const Identity& identity) {
  GenerateOptions generate;
  generate.execution = options.execution.execution(Precision::f32, model.ranges);
  const auto from = read_state(options.states);
  if (from) generate.seed = from->seed;
  Generator generator(model, generate);
  const UnknownPolicy unknown = parse_unknown_policy(options.unknown);
  if (from) {
    check_state(*from, options.states.in, identity, model.graph, 1, "the one text of --text");
    generator.restore(*from, options.states.in);
    generator.append(*options.text, unknown);
  } else {
    generator.prompt(*options.text, unknown);
  }
  if (!options.states.out.empty()) save_text_state(options, identity, generator);
  const std::vector<Candidate> all = generator.candidates();
  const std::size_t count = std::min(all.size(), static_cast<std::size_t>(options.top));
  for (std::size_t i = 0; i < count; ++i)
    write_out(
        fmt::format("{:.6f}  {}\n", all[i].probability, describe_character(all[i].character)));
  return 0;
}

void set_steps(const RunOptions& options, Model& model) {
  if (!options.steps) return;
  std::string why;
  auto graph = retime(model.graph, *options.steps, &why);
  if (!graph)
    fail(ExitCode::usage, "--steps {}: model {} cannot run over another number of steps: {}",
         *options.steps, model.graph.name, why);
  model.graph = std::move(*graph);
}

int run(const RunOptions& options) {
  const bool arrays = !options.inputs.empty() || !options.outputs.empty();
  if (!options.text && !arrays)
    fail(ExitCode::usage, "say what to run on: --text TEXT, or --input NAME=FILE.npy and --output");
  check_state_files(options.states);
  Model model = open_model(options.source);
  if (!options.weights.empty()) load_weights(options.weights, model);
  if (!model.has_weights)
    fail(ExitCode::bad_artifact,
         "{} has no weights: train it with `coil train`, or give it some with --weights",
         printable(options.source.path, 200));
  const Identity identity = identity_of(model);
  set_steps(options, model);
  if (options.text) return run_text(options, model, identity);
  run_arrays(model, {options.inputs, options.outputs, options.states, identity,
                     options.execution.execution(Precision::f32, model.ranges)});
  return 0;
}

}  // namespace

Command add_run(App& coil) {
  auto options = std::make_shared<RunOptions>();
  App* app = coil.add_subcommand("run", "run a model on a text or on NumPy arrays");
  declare(*app, *options);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli
