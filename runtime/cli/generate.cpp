#include <csignal>
#include <fmt/format.h>
#include <memory>

#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/commands.hpp"
#include "runtime/cli/execution_options.hpp"
#include "runtime/cli/model_source.hpp"
#include "runtime/cli/numbers.hpp"
#include "runtime/cli/prompt.hpp"
#include "runtime/cli/samples.hpp"
#include "runtime/cli/signals.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/cli/state_files.hpp"
#include "runtime/cli/unknown_option.hpp"

namespace coil::cli {
namespace {

constexpr const char* generate_examples =
    "  coil generate trained.coil -p \" th\" -n 40\n"
    "  coil generate trained.coil -p \"for thos\" -n 400 --temp 0.7 --seed 7\n"
    "  coil generate trained.coil -p \" th\" --temp 1 --n-samples 3 --jsonl\n"
    "  coil generate trained.coil -p \" th\" --temp 0.7 -n 200 --state-out there\n"
    "  coil generate trained.coil --state-in there --temp 0.7 -n 200\n"
    "The last two write what one of 400 characters does. Filters come in the order of their\n"
    "options here: repeat penalty, top-k, top-p, min-p, temperature.\n";

struct GenerateCommandOptions {
  ModelSource source;
  PromptSource prompt;
  StateFiles states;
  std::string unknown = "error";
  std::int64_t count = 200;
  std::int64_t samples = 1;
  std::optional<std::uint64_t> seed;
  bool as_json = false;
  GenerateOptions generate;
  ExecutionOptions execution;
};

void declare_sampling(App& app, SamplerOptions& sampling) {
  constexpr std::int64_t most = 1'000'000;
  add_number(app, "--repeat-penalty", sampling.repeat_penalty, Range<double>{1, 1000},
             "above 1: characters that were there lately are less likely, p becomes p^N")
      ->default_str("1");
  add_number(app, "--repeat-last-n", sampling.repeat_last_n, Range<std::int64_t>{0, most},
             "how many characters back that looks")
      ->default_str("64");
  add_number(app, "--top-k", sampling.top_k, Range<std::int64_t>{0, most},
             "choose among the N likeliest; 0: among all")
      ->default_str("0");
  add_number(app, "--top-p", sampling.top_p, Range<double>{0, 1},
             "choose among the likeliest that together have this probability")
      ->default_str("1");
  add_number(app, "--min-p", sampling.min_p, Range<double>{0, 1},
             "choose among those at least this times as likely as the likeliest")
      ->default_str("0");
  add_number(app, "--temp", sampling.temperature, Range<double>{0, 1000},
             "0: always the likeliest character; 1: as likely as the model says; above: bolder")
      ->default_str("0");
}

void declare(App& app, GenerateCommandOptions& options) {
  app.add_option("MODEL", options.source.path, "a trained .coil artifact")
      ->required()
      ->type_name("");
  add_prompt(app, options.prompt);
  add_number(app, "-n,--count", options.count, Range<std::int64_t>{-1, 1'000'000'000},
             "how many characters to write; -1: until Ctrl-C")
      ->default_str("200");
  declare_sampling(app, options.generate.sampling);
  add_number(app, "-s,--seed", options.seed, Range<std::uint64_t>{0, ~std::uint64_t{0}},
             "what the choices are drawn from")
      ->default_str("1, or that of --state-in");
  add_number(app, "--n-samples", options.samples, Range<std::int64_t>{1, 1'000'000},
             "how many texts to write from the one prompt, with this seed and those after it")
      ->default_str("1");
  app.add_flag("--jsonl", options.as_json, "write each text as an object of JSON on a line");
  app.add_flag("--window", options.generate.overlapping,
               "feed overlapping windows into a live state, as the Keras tutorial does");
  add_state_files(app, options.states);
  add_execution(app, options.execution);
  add_unknown(app, options.unknown, "of the prompt that the model does not know");
  set_up(app, generate_examples);
}

void check(const GenerateCommandOptions& options) {
  check_state_files(options.states);
  if (options.samples > 1 && !options.states.out.empty())
    fail(ExitCode::usage,
         "--state-out: {} samples end in {} states, and a file has one; write them one by one, "
         "with --seed",
         options.samples, options.samples);
  if (options.count < 0 && (options.samples > 1 || options.as_json))
    fail(ExitCode::usage, "-n -1: {} is written once it is finished, which this never is",
         options.as_json ? "an object of JSON" : "each of several samples");
}

// Puts the generator to where --state-in and the prompt say.
void prepare(const GenerateCommandOptions& options, const Model& model,
             const std::optional<LiveState>& from, const std::string& prompt,
             Generator& generator) {
  const UnknownPolicy unknown = parse_unknown_policy(options.unknown);
  if (!from) {
    generator.prompt(prompt, unknown);
    return;
  }
  // All samples go on from the one text that the state is of.
  check_state(*from, options.states.in, identity_of(model), model.graph, 1,
              "the number of texts that `coil generate` goes on from");
  generator.restore(repeated(*from, generator.rows()), options.states.in);
  generator.append(prompt, unknown);
}

void save(const GenerateCommandOptions& options, const Model& model, Generator& generator) {
  if (options.states.out.empty()) return;
  LiveState state = generator.state();
  state.identity = identity_of(model);
  save_state(options.states.out, state);
}

int interrupted(const GenerateCommandOptions& options, bool saved) {
  const char* state = options.states.out.empty() ? ""
                      : saved                    ? "; the state is saved"
                                                 : " while reading the prompt; no state is saved";
  fmt::print(stderr, "coil: interrupted{}\n", state);
  return static_cast<int>(noted_signal() == SIGINT ? ExitCode::interrupted : ExitCode::terminated);
}

int run(const GenerateCommandOptions& options) {
  check(options);
  const std::string prompt = read_prompt(options.prompt, !options.states.in.empty());
  Model model = load_model(options.source.path, LoadFor::predicting);
  const auto from = read_state(options.states);
  GenerateOptions generate = options.generate;
  generate.execution = options.execution.execution(Precision::f32, model.ranges);
  generate.seed = options.seed.value_or(from ? from->seed : 1);
  generate.rows = options.samples > 1 ? samples_together : 1;
  Generator generator(model, generate);
  prepare(options, model, from, prompt, generator);
  note_signals();
  const SampleTask task{prompt, options.count, generate.seed, options.samples, options.as_json};
  const bool streams = options.samples == 1 && !options.as_json;
  const bool stopped =
      streams ? stream_text(generator, task) : write_samples(generator, *model.vocabulary, task);
  if (streams && out_is_terminal()) write_out("\n");
  flush_out();
  const bool is_whole = !stopped || generator.is_read();
  if (is_whole) save(options, model, generator);
  return stopped ? interrupted(options, is_whole) : 0;
}

}  // namespace

Command add_generate(App& coil) {
  auto options = std::make_shared<GenerateCommandOptions>();
  App* app = coil.add_subcommand("generate", "write on from a text");
  declare(*app, *options);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli
