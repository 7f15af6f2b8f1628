#include <cmath>
#include <csignal>
#include <fmt/format.h>
#include <memory>

#include "compiler/graph/faces.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/commands.hpp"
#include "runtime/cli/letters_option.hpp"
#include "runtime/cli/metrics.hpp"
#include "runtime/cli/model_source.hpp"
#include "runtime/cli/numbers.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/cli/progress.hpp"
#include "runtime/cli/signals.hpp"
#include "runtime/cli/threads.hpp"

namespace coil::cli {
namespace {

constexpr const char* examples =
    "  coilc models/char3.model -o char3.coil\n"
    "  coil train char3.coil --corpus examples/corpus/the-rope-walk.txt -o trained.coil\n"
    "  coil train trained.coil --corpus examples/corpus/the-rope-walk.txt -o trained.coil "
    "--epochs 1\n"
    "The last one goes on with a trained model: its weights, vocabulary, and, where not given "
    "again,\n"
    "its scheme, batch size, learning rate and seed. Ctrl-C saves what was learned so far.\n";

struct Options {
  ModelSource source;
  std::string corpus;
  std::string out;
  std::string metrics;
  std::string letters;
  std::string scheme;
  std::string unknown = "error";
  std::int64_t epochs = 3;
  std::optional<std::int64_t> batch;
  std::optional<double> learning_rate;
  std::optional<std::uint64_t> seed;
  std::int64_t threads = 1;
};

constexpr Range<std::int64_t> batches{1, 1'000'000};
constexpr Range<double> rates{1e-12, 1e3};
constexpr Range<std::int64_t> finished_epochs{0, 1'000'000'000};

void declare_numbers(App& app, Options& options) {
  add_number(app, "--epochs", options.epochs, Range<std::int64_t>{1, 1'000'000},
             "how often to go through the text")
      ->default_str("3");
  add_number(app, "--batch", options.batch, batches, "samples of one update")
      ->default_str("512, with streams 64");
  add_number(app, "--learning-rate", options.learning_rate, rates, "Adam's")
      ->default_str("0.01 with blocks, else 0.001");
  add_number(app, "-s,--seed", options.seed, Range<std::uint64_t>{0, ~std::uint64_t{0}},
             "what the first weights and the order of samples are drawn from")
      ->default_str("1");
  add_threads(app, options.threads);
}

void declare(App& app, Options& options) {
  add_model_source(app, options.source);
  app.add_option("--corpus", options.corpus, "the text to learn")->required()->type_name("FILE");
  app.add_option("-o", options.out, "the trained model, saved after every epoch")
      ->required()
      ->type_name("OUT.coil");
  declare_numbers(app, options);
  add_choice(app, "--scheme", options.scheme, {"blocks", "windows", "streams"},
             "how the text becomes samples: windows that do not overlap, one at each character, or "
             "read on from batch to batch")
      ->default_str("streams with states, windows with a sequence, else blocks");
  add_letters(app, options.letters);
  app.add_option("--unknown", options.unknown,
                 "what becomes of a character that a trained model does not know: error, skip or "
                 "replace:<c>")
      ->type_name("POLICY")
      ->default_str("error");
  app.add_option("--metrics", options.metrics, "add a row for each epoch to this CSV file")
      ->type_name("FILE.csv");
  set_up(app, examples);
}

void check_files(const Options& options) {
  require_replaceable("-o", options.out);
  require_different("-o", options.out, "the corpus", options.corpus);
  if (kind_of(options.source.path) != FileKind::artifact)
    require_different("-o", options.out, "the model's text", options.source.path);
  if (options.metrics.empty()) return;
  require_different("--metrics", options.metrics, "the corpus", options.corpus);
  require_different("--metrics", options.metrics, "the model", options.source.path);
  require_different("--metrics", options.metrics, "the file that -o names", options.out);
  if (options.metrics == options.out)
    fail(ExitCode::usage, "--metrics and -o name the same file, {}", printable(options.out, 200));
}

LetterCase letters_for(const Options& options, const Model& model) {
  if (options.letters.empty()) return model.letters;
  const LetterCase wanted = letters_of(options.letters);
  if (model.has_weights && wanted != model.letters)
    fail(ExitCode::usage, "--case={}: {} was trained on the other case", options.letters,
         printable(options.source.path, 200));
  return wanted;
}

// "-D vocab=61" where a parameter gives the inputs their bound.
std::string how_to_widen(const Options& options, const Model& model, std::int64_t bound,
                         std::size_t characters) {
  for (const EffectiveParameter& parameter : model.parameters) {
    if (parameter.value != ParameterValue(bound)) continue;
    const char* command =
        kind_of(options.source.path) == FileKind::artifact ? "compile it again with" : "use";
    return fmt::format("; {} -D {}={}", command, parameter.name, characters);
  }
  return "";
}

void check_vocabulary(const Options& options, const Model& model) {
  const std::size_t characters = model.vocabulary->size();
  for (const FedInput& fed : fed_inputs(model.graph)) {
    const auto& input = std::get<InputAttributes>(model.graph.node(fed.leaf).attributes);
    if (input.bound == 0 || characters <= static_cast<std::size_t>(input.bound)) continue;
    fail(ExitCode::bad_text, "{} has {} distinct characters, but input '{}' of {} takes {}{}",
         printable(options.corpus, 200), characters, fed.name, model.graph.name, input.bound,
         how_to_widen(options, model, input.bound, characters));
  }
}

// Gives a fresh model its vocabulary and weights; a trained one keeps its own. The text as the model is to
// see it.
std::string prepare(const Options& options, Model& model, std::uint64_t seed) {
  model.letters = letters_for(options, model);
  const UnknownPolicy unknown = parse_unknown_policy(options.unknown);
  const std::string text = read_corpus(options.corpus, model.letters);
  if (!model.vocabulary) model.vocabulary = Vocabulary::of_text(text, options.corpus);
  check_vocabulary(options, model);
  if (!model.has_weights) {
    initialize_weights(model, seed);
    model.has_weights = true;
  }
  return model.vocabulary->decode(model.vocabulary->encode(text, options.corpus, unknown));
}

template <typename Number>
void require_range(const Options& options, const char* what, Number number, Range<Number> range) {
  if (number >= range.least && number <= range.most) return;
  fail(ExitCode::bad_artifact, "{}: its {} is {}, and that is not from {} to {}",
       printable(options.source.path, 200), what, number, range.least, range.most);
}

Scheme scheme_for(const Options& options, const Model& model) {
  if (!options.scheme.empty()) return *find_scheme(options.scheme);
  if (!model.training) return usual_scheme(model);
  if (const auto before = find_scheme(model.training->scheme)) return *before;
  fail(ExitCode::bad_artifact, "{}: its scheme is '{}', which is none",
       printable(options.source.path, 200), printable(model.training->scheme));
}

// What is not said now is as it was when the model was trained before, else as is usual.
TrainOptions effective(const Options& options, const Model& model) {
  TrainOptions effective = usual_options(scheme_for(options, model));
  effective.threads = static_cast<int>(options.threads);
  if (const auto& before = model.training) {
    require_range(options, "batch size", before->batch, batches);
    require_range(options, "learning rate", before->learning_rate, rates);
    require_range(options, "number of epochs", before->epochs, finished_epochs);
    effective.batch = static_cast<int>(before->batch);
    effective.learning_rate = before->learning_rate;
    effective.seed = before->seed;
  }
  if (options.batch) effective.batch = static_cast<int>(*options.batch);
  effective.learning_rate = options.learning_rate.value_or(effective.learning_rate);
  effective.seed = options.seed.value_or(effective.seed);
  return effective;
}

// The loss of a step is that of the weights before it: the last update may still have broken them. The file
// then keeps what it had.
void save(const Options& options, const Model& model) {
  if (const auto broken = broken_weight(model))
    fail(ExitCode::diverged,
         "training diverged: '{}' is no longer finite after update {}; try a smaller "
         "--learning-rate",
         *broken, model.training->steps);
  save_model(options.out, model);
}

// Ends the command after a signal.
int interrupted(const Options& options, const Model& model) {
  save(options, model);
  const Training& training = *model.training;
  fmt::print(stderr, "coil: interrupted; saved {} after {} {} and {} updates\n",
             printable(options.out, 200), training.epochs,
             training.epochs == 1 ? "epoch" : "epochs", training.steps);
  return static_cast<int>(noted_signal() == SIGINT ? ExitCode::interrupted : ExitCode::terminated);
}

// One epoch, told, saved and recorded. False where a signal came.
bool run_epoch(const Options& options, Model& model, Trainer& trainer, Progress& progress,
               Metrics& metrics) {
  StepReport last;
  progress.begin_epoch(model.training->epochs + 1);
  const bool finished = trainer.run_epoch([&](const StepReport& report) {
    last = report;
    progress.step(report);
    return noted_signal() == 0;
  });
  if (!finished) return false;
  const double seconds = progress.seconds();
  save(options, model);
  metrics.add(last, model.training->steps, seconds);
  progress.end_epoch(last, seconds);
  return noted_signal() == 0;
}

int run(const Options& options) {
  check_files(options);
  Model model = open_model(options.source);
  const TrainOptions train = effective(options, model);
  const std::string text = prepare(options, model, train.seed);
  Metrics metrics(options.metrics);
  bind_threads(train.threads);
  Trainer trainer(model, text, options.corpus, train);
  const std::int64_t last = model.training->epochs + options.epochs;
  note_signals();
  bool uninterrupted = true;
  {
    Progress progress(last);
    while (uninterrupted && model.training->epochs < last)
      uninterrupted = run_epoch(options, model, trainer, progress, metrics);
  }
  if (!uninterrupted) return interrupted(options, model);
  fmt::print(stderr, "coil: saved {}\n", printable(options.out, 200));
  return 0;
}

}  // namespace

Command add_train(App& coil) {
  auto options = std::make_shared<Options>();
  App* app = coil.add_subcommand("train", "learn a text");
  declare(*app, *options);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli
