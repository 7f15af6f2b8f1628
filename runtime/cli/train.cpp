#include <csignal>
#include <fmt/format.h>
#include <malloc.h>
#include <memory>
#include <unistd.h>

#include "compiler/graph/faces.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/artifact/output_lock.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/progress.hpp"
#include "runtime/cli/signals.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/cli/threads.hpp"
#include "runtime/cli/train_options.hpp"
#include "runtime/cli/train_session.hpp"
#include "runtime/metrics/metrics_log.hpp"
#include "runtime/recipe/read_recipe.hpp"

namespace coil::cli {
namespace {

// "3 epochs", "1 epoch".
std::string counted(std::int64_t count, const char* what) {
  return fmt::format("{} {}{}", grouped(count), what, count == 1 ? "" : "s");
}

std::string counted(const Training& training) {
  return counted(training.epochs, "epoch") + " and " + counted(training.steps, "update");
}

// Epochs one after another, each told, recorded and saved, in this order: whatever ends the process, no row of
// the metrics is missing that the saved file's training made; those too many are taken out on --resume.
class TrainLoop {
 public:
  TrainLoop(const TrainOptions& options, Model& model, Trainer& trainer, MetricsLog& metrics)
      : options_(options), model_(model), trainer_(trainer), metrics_(metrics) {}

  int run() {
    const bool began_done = is_over();
    try {
      Progress progress;
      while (!is_over() && noted_signal() == 0) run_epoch(progress);
    } catch (const RunError& error) {
      if (error.code() != ExitCode::diverged) throw;
      fail(ExitCode::diverged, "{}; {}", error.what(), what_is_left());
    }
    if (noted_signal() != 0) return interrupted();
    if (began_done) return tell_done();
    const std::string why = trainer_.stopped_early()
                                ? fmt::format(" (no better val_loss for {})",
                                              counted(trainer_.recipe().patience, "epoch"))
                                : "";
    fmt::print(stderr, "coil: saved {} after {}{}\n", shown_out(), counted(training()), why);
    return 0;
  }

 private:
  std::string shown_out() const { return printable(options_.out, 200); }
  const Training& training() const { return *model_.training; }

  bool is_over() const {
    return trainer_.done() || (options_.steps && training().steps >= *options_.steps);
  }

  void run_epoch(Progress& progress) {
    StepReport last = trainer_.report();
    const auto phase = static_cast<std::size_t>(last.phase - 1);
    last.learning_rate = trainer_.recipe().phases.at(phase).learning_rate;
    progress.begin_epoch(last);
    const bool finished = trainer_.run_epoch([&](const StepReport& report) {
      last = report;
      progress.step(report);
      return after_step(report, progress);
    });
    const double seconds = progress.seconds();
    seconds_ += seconds;
    if (finished) record(last, true, progress, seconds_);
    trainer_.save(options_.out);
    is_saved_ = true;
    if (finished) progress.end_epoch(last, training().validation_loss, seconds);
  }

  // False where training is to stop here.
  bool after_step(const StepReport& report, const Progress& progress) {
    const std::int64_t step = training().steps;
    const bool ends_epoch = report.step == report.steps;
    if (options_.metrics_every && step % *options_.metrics_every == 0)
      record(report, false, progress, seconds_ + progress.seconds());
    if (options_.save_every && step % *options_.save_every == 0 && !ends_epoch) {
      trainer_.save(options_.out);
      is_saved_ = true;
    }
    return noted_signal() == 0 && !(options_.steps && step >= *options_.steps);
  }

  void record(const StepReport& report, bool is_epoch, const Progress& progress, double seconds) {
    if (!metrics_.is_on()) return;
    MetricsRow row;
    row.is_epoch = is_epoch;
    row.epoch = static_cast<double>(report.epoch);
    row.step = static_cast<double>(training().steps);
    row.loss = report.loss;
    row.mean_loss = report.mean_loss;
    if (is_epoch && trainer_.held_out() > 0) row.val_loss = training().validation_loss;
    row.gradient_norm = report.gradient_norm;
    row.learning_rate = report.learning_rate;
    row.seconds = metrics_.seconds_before() + seconds;
    row.samples_per_second = progress.rate(report);
    metrics_.add(row);
  }

  std::string what_is_left() const {
    if (!is_saved_) return "nothing was saved";
    return fmt::format("{} keeps what was saved before, whose weights are finite", shown_out());
  }

  // Ends the command after a signal.
  int interrupted() {
    if (!is_saved_) trainer_.save(options_.out);
    fmt::print(stderr,
               "coil: interrupted; saved {} after {}; the same command with --resume goes on from "
               "there\n",
               shown_out(), counted(training()));
    return static_cast<int>(noted_signal() == SIGINT ? ExitCode::interrupted
                                                     : ExitCode::terminated);
  }

  int tell_done() const {
    const char* more = trainer_.stopped_early() ? "patience" : trainer_.done() ? "epochs" : "steps";
    fmt::print(stderr, "coil: {} is through already, after {}; more --{} would go on\n",
               shown_out(), counted(training()), more);
    return 0;
  }

  const TrainOptions& options_;
  Model& model_;
  Trainer& trainer_;
  MetricsLog& metrics_;
  double seconds_ = 0;  // in epochs that are over
  bool is_saved_ = options_.resume;
};

// The remarks make it a recipe file that says what it was printed for.
int dry_run(const TrainOptions& options, const Model& model, const Trainer& trainer) {
  std::string out = fmt::format("# {} on {}: {} parameters, {} samples", model.graph.name,
                                printable(options.corpus, 200),
                                grouped(count_parameters(model.graph)), grouped(trainer.samples()));
  if (trainer.held_out() > 0) out += fmt::format(" and {} held out", grouped(trainer.held_out()));
  out += fmt::format(", {} steps an epoch, {}\n", grouped(trainer.steps_per_epoch()),
                     counted(trainer.report().epochs, "epoch"));
  if (options.resume) out += fmt::format("# goes on after {}\n", counted(*model.training));
  write_out(out + print_recipe(trainer.recipe()));
  return 0;
}

MetricsLog open_metrics(const TrainOptions& options, const Model& model) {
  if (options.metrics.empty()) return {};
  if (!options.resume) return MetricsLog::begin(options.metrics);
  return MetricsLog::resume(options.metrics, model.training->steps);
}

// Why steps run as they do, for who watches.
void tell_choice(const Trainer& trainer) {
  if (!trainer.choice() || trainer.choice()->times.empty() || ::isatty(STDERR_FILENO) != 1) return;
  fmt::print(stderr, "coil: a step {}\n", to_string(*trainer.choice()));
}

// A checkpoint takes several times the memory of the weights, for a moment. Given back to the system it would come again page
// by page, and a checkpoint take three times as long.
void keep_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the largest that there may be
  ::mallopt(M_TRIM_THRESHOLD, 512 << 20);
}

int run(const TrainOptions& options) {
  check_files(options);
  keep_freed_memory();
  std::optional<OutputLock> lock;
  if (!options.dry_run) lock.emplace(options.out);
  TrainSession session = begin_session(options);
  const Execution execution = options.execution.execution(session.recipe.precision);
  bind_threads(execution.threads);
  Trainer trainer(session.model, session.text, options.corpus, session.recipe, execution,
                  session.start);
  if (options.dry_run) return dry_run(options, session.model, trainer);
  tell_choice(trainer);
  MetricsLog metrics = open_metrics(options, session.model);
  note_signals();
  return TrainLoop(options, session.model, trainer, metrics).run();
}

}  // namespace

Command add_train(App& coil) {
  auto options = std::make_shared<TrainOptions>();
  App* app = coil.add_subcommand("train", "learn a text");
  declare(*app, *options);
  return {app, [options] { return run(*options); }};
}

}  // namespace coil::cli
