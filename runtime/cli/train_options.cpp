#include "runtime/cli/train_options.hpp"

#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/letters_option.hpp"
#include "runtime/cli/numbers.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/cli/unknown_option.hpp"
#include "runtime/metrics/metrics_log.hpp"
#include "runtime/recipe/limits.hpp"

namespace coil::cli {
namespace {

constexpr const char* train_examples =
    "  coil train models/char3.model --corpus examples/corpus/the-rope-walk.txt -o char3.coil "
    "--epochs 1\n"
    "  coil train models/char3.model --recipe models/char3.yaml --dry-run --corpus "
    "examples/corpus/the-rope-walk.txt >my.yaml\n"
    "  coil train models/char3.model --recipe my.yaml --corpus examples/corpus/the-rope-walk.txt "
    "-o my.coil --epochs 2 --validation 0.05 --metrics my.csv\n"
    "  coil train models/char3.model --recipe my.yaml --corpus examples/corpus/the-rope-walk.txt "
    "-o my.coil --epochs 3 --validation 0.05 --metrics my.csv --resume\n"
    "  coil train my.coil --corpus examples/corpus/the-rope-walk.txt -o more.coil --epochs 1 "
    "--learning-rate 0.001\n"
    "\n"
    "A recipe says how to train, in YAML; models/ has one for each model. The first line above "
    "does "
    "without:\n"
    "what is usual with the model is taken. --dry-run prints what would be done, as a recipe to "
    "keep.\n"
    "\n"
    "Training is saved after every epoch, and Ctrl-C saves before it ends. The same command with "
    "--resume\n"
    "goes on where the saved file stands, and gives the same bytes as a run that was never "
    "stopped; more\n"
    "--epochs make the last phase longer. Should the file be damaged, the one before it is taken "
    "(OUT.coil.previous).\n"
    "\n"
    "The last line begins anew with weights that were trained before: its vocabulary and recipe "
    "stay,\n"
    "but epochs count from one and the optimizer forgets what it knew.\n";

constexpr Range<std::int64_t> counts{1, std::int64_t{1} << 53};

void declare_recipe(App& app, TrainOptions& options) {
  app.add_option("--recipe", options.recipe,
                 "how to train; not given, what is usual with the model. What is said below wins "
                 "over it")
      ->type_name("FILE.yaml");
  add_letters(app, options.letters);
  add_choice(app, "--scheme", options.scheme, {"blocks", "windows", "streams"},
             "how the text becomes samples: windows that do not overlap, one at each character, or "
             "read on from batch to batch")
      ->default_str("streams with states, windows with a sequence, else blocks");
  add_number(app, "--batch", options.batch, limits::batch, "samples of one update")
      ->default_str("512, with streams 64");
  add_choice(app, "--reset", options.reset, {"epoch", "never"},
             "when the state that streams carry on is emptied")
      ->default_str("epoch");
  add_number(app, "--epochs", options.epochs, limits::epochs,
             "epochs of all phases together: the last ones are left out, or the last is longer")
      ->default_str("3");
  add_choice(app, "--optimizer", options.optimizer, {"adam", "sgd"}, "of every phase")
      ->default_str("adam");
  add_number(app, "--learning-rate", options.learning_rate, limits::learning_rate, "of every phase")
      ->default_str("0.01 with blocks, else 0.001");
  add_number(app, "--momentum", options.momentum, limits::momentum, "of every phase, with sgd")
      ->default_str("0");
  add_number(app, "--clip-norm", options.clip_norm, limits::clip_norm,
             "the largest norm of all gradients together; 0 clips nothing")
      ->default_str("0");
  add_number(app, "--weight-decay", options.weight_decay, limits::weight_decay,
             "each update takes learning rate times this off every weight")
      ->default_str("0");
}

void declare_run(App& app, TrainOptions& options) {
  add_number(app, "--validation", options.validation, limits::validation,
             "a share of the text, at its end, that is only measured, after every epoch")
      ->default_str("0");
  add_number(app, "--patience", options.patience, limits::patience,
             "end after so many epochs without a better loss there; 0 never does")
      ->default_str("0");
  add_number(app, "-s,--seed", options.seed, limits::seed,
             "what the first weights and the order of samples are drawn from")
      ->default_str("1");
  add_number(app, "--steps", options.steps, counts,
             "end after so many updates, counted from the first epoch's first");
  app.add_flag("--resume", options.resume, "go on with the training that OUT.coil holds");
  add_number(app, "--save-every", options.save_every, counts,
             "save after so many updates too, not only after every epoch");
  app.add_option("--metrics", options.metrics, "write a row for each epoch; `coil plot` draws it")
      ->type_name("FILE.csv|FILE.jsonl");
  add_number(app, "--metrics-every", options.metrics_every, counts,
             "and a row after so many updates");
  app.add_flag("--dry-run", options.dry_run,
               "print the recipe as it would be followed, and train nothing");
  add_training_execution(app, options.execution);
}

void check_metrics(const TrainOptions& options) {
  if (options.metrics.empty()) {
    if (options.metrics_every) fail(ExitCode::usage, "--metrics-every needs --metrics FILE");
    return;
  }
  MetricsLog::format_of(options.metrics);
  require_writable("--metrics", options.metrics);
  require_different("--metrics", options.metrics, "the corpus", options.corpus);
  require_different("--metrics", options.metrics, "the model", options.source.path);
  require_different("--metrics", options.metrics, "the recipe", options.recipe);
  require_different("--metrics", options.metrics, "the file that -o names", options.out);
  if (options.metrics == options.out)
    fail(ExitCode::usage, "--metrics and -o name the same file, {}", printable(options.out, 200));
}

}  // namespace

void declare(App& app, TrainOptions& options) {
  add_model_source(app, options.source);
  app.add_option("--corpus", options.corpus, "the text to learn")->required()->type_name("FILE");
  app.add_option("-o", options.out, "the trained model; saved after every epoch")
      ->type_name("OUT.coil");
  declare_recipe(app, options);
  declare_run(app, options);
  add_unknown(app, options.unknown, "that a trained model does not know");
  set_up(app, train_examples);
}

void check_files(const TrainOptions& options) {
  if (options.dry_run && options.out.empty() && !options.resume) return;
  if (options.out.empty()) fail(ExitCode::usage, "-o is required (see 'coil train --help')");
  if (options.dry_run) return;
  // What is resumed may be damaged past recognition, and the checkpoint before it whole.
  if (options.resume)
    require_writable("-o", options.out);
  else
    require_replaceable("-o", options.out);
  require_different("-o", options.out, "the corpus", options.corpus);
  require_different("-o", options.out, "the recipe", options.recipe);
  if (kind_of(options.source.path) != FileKind::artifact)
    require_different("-o", options.out, "the model's text", options.source.path);
  check_metrics(options);
}

}  // namespace coil::cli
