#include "runtime/train/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "compiler/passes/attach_loss.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

namespace coil {
namespace {

TextFace trainable_face(const Model& model) {
  if (auto why = why_untrainable(model.graph)) fail(ExitCode::bad_text, "{}", *why);
  if (!model.has_weights) fail(ExitCode::bad_text, "{} has no weights yet", model.graph.name);
  std::string why;
  auto face = text_face(model.graph, &why);
  if (!face)
    fail(ExitCode::bad_text,
         "training on a text needs a model that takes characters and predicts them, as with "
         "`input c[steps]: index(vocab)`; of {}, {}",
         model.graph.name, why);
  return *face;
}

void check_options(const TrainOptions& options) {
  if (options.batch < 1)
    fail(ExitCode::usage, "a batch of {} samples trains nothing", options.batch);
  constexpr double largest = std::numeric_limits<float>::max();
  if (!(options.learning_rate > 0 && options.learning_rate <= largest))
    fail(ExitCode::usage, "a learning rate of {} makes no sense; 0.001 is usual",
         options.learning_rate);
}

const Vocabulary& vocabulary_of(const Model& model) {
  if (!model.vocabulary) fail(ExitCode::bad_text, "{} has no vocabulary yet", model.graph.name);
  check_vocabulary(model);
  return *model.vocabulary;
}

// Every character that is to be predicted is one that the model can predict.
void check_targets(const Model& model, const TextFace& face, const Samples& samples,
                   std::size_t characters, const std::string& name) {
  if (model.vocabulary->size() <= face.classes) return;
  for (std::size_t sample = 0; sample < samples.size(); ++sample) {
    const auto targets = samples.targets(sample);
    const auto bad = std::ranges::find_if(
        targets, [&](std::int32_t target) { return std::cmp_greater_equal(target, face.classes); });
    if (bad == targets.end()) continue;
    fail(ExitCode::bad_text,
         "{}: the model has {} outputs, but character {} of {} is {}, number {} of the "
         "vocabulary; give the model an output for each character",
         name, face.classes,
         samples.targets_begin(sample) + static_cast<std::size_t>(bad - targets.begin()) + 1,
         characters, describe_character(model.vocabulary->at(static_cast<std::size_t>(*bad))),
         *bad + 1);
  }
}

SampleOptions sample_options(const TextFace& face, const TrainOptions& options) {
  return {static_cast<int>(face.window.size()), options.batch,
          face.predictions == 1 ? Targets::last : Targets::every};
}

}  // namespace

Scheme usual_scheme(const Model& model) {
  const auto face = text_face(model.graph);
  if (!face) return Scheme::blocks;
  if (face->has_states) return Scheme::streams;
  return face->takes_sequence ? Scheme::windows : Scheme::blocks;
}

TrainOptions usual_options(Scheme scheme) {
  TrainOptions options;
  options.scheme = scheme;
  options.batch = scheme == Scheme::streams ? 64 : 512;
  options.learning_rate = scheme == Scheme::blocks ? 0.01 : 0.001;
  return options;
}

Trainer::Trainer(Model& model, std::string_view text, const std::string& name,
                 const TrainOptions& options)
    : model_(model),
      options_((check_options(options), options)),
      text_(vocabulary_of(model).encode(text, name)),
      face_(trainable_face(model)),
      samples_(text_, options.scheme, sample_options(face_, options), name),
      executable_(model.graph, Entry::train_step, model.store, options.threads) {
  check_targets(model, face_, samples_, text_.size(), name);
  start_adam();
  if (!model_.training) model_.training = Training{};
  Training& training = *model_.training;
  training.scheme = to_string(options.scheme);
  training.batch = options.batch;
  training.learning_rate = options.learning_rate;
  training.seed = options.seed;
  if (training.epochs == 0) training.loss = std::nan("");
}

std::int64_t Trainer::steps_per_epoch() const {
  return static_cast<std::int64_t>((samples_.size() + samples_.batch() - 1) / samples_.batch());
}

void Trainer::start_adam() {
  for (const NodeId id : leaves(executable_.graph(), Op::state))
    if (const std::string name(leaf_name(executable_.graph().node(id))); model_.store.has(name))
      std::ranges::fill(model_.store.values(name), 0.0f);
}

void Trainer::reset_streams() {
  if (samples_.scheme() == Scheme::streams) executable_.at(options_.batch).reset_states();
}

// A loss can be finite while gradients are not: relu makes zero of a NaN in oneDNN.
void Trainer::check_weights() const {
  if (const auto broken = broken_weight(model_))
    fail(ExitCode::diverged,
         "training diverged: '{}' is not finite after step {}; try a smaller --learning-rate than "
         "{}",
         *broken, model_.training->steps, options_.learning_rate);
}

void Trainer::feed(Program& program, std::span<const std::uint32_t> chosen) {
  samples_.fill(chosen, batch_);
  for (std::size_t i = 0; i < face_.window.size(); ++i) {
    const TextFace::Place& place = face_.window[i];
    const auto column = batch_.column(i);
    const auto input = program.index_input(place.leaf);
    for (std::size_t n = 0; n < column.size(); ++n)
      input[n * place.stride + place.offset] = column[n];
  }
  std::ranges::copy(batch_.targets, program.index_input(target_name).begin());
  program.real_input(rate_name)[0] = static_cast<float>(options_.learning_rate);
  for (const NodeId id : leaves(executable_.graph(), Op::input))
    if (leaf_name(executable_.graph().node(id)) == seed_name)  // 24 bits of it are exact in a float
      program.real_input(seed_name)[0] = static_cast<float>(options_.seed & 0xffffff);
  // Exact up to 2^24; long before, the bias correction that it is for has become one.
  program.real_input(step_name)[0] = static_cast<float>(++updates_);
}

double Trainer::run_step(std::span<const std::uint32_t> chosen) {
  Program& program = executable_.at(static_cast<std::int64_t>(chosen.size()));
  feed(program, chosen);
  if (samples_.scheme() != Scheme::streams) program.reset_states();
  program.run();
  model_.store.touch();
  const std::int64_t number = ++model_.training->steps;
  const double loss = program.output(loss_name)[0];
  if (!std::isfinite(loss))
    fail(ExitCode::diverged,
         "training diverged: the loss of step {} is {}; try a smaller --learning-rate than {}",
         number, loss, options_.learning_rate);
  check_weights();
  return loss;
}

bool Trainer::run_epoch(const std::function<bool(const StepReport&)>& after_step) {
  Training& training = *model_.training;
  const BatchOrder order(samples_, options_.seed, static_cast<std::uint32_t>(training.epochs));
  reset_streams();
  StepReport report;
  report.epoch = training.epochs + 1;
  report.steps = static_cast<std::int64_t>(order.size());
  report.all_samples = samples();
  double sum = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto chosen = order.at(i);
    report.loss = run_step(chosen);
    sum += report.loss * static_cast<double>(chosen.size());
    report.step = static_cast<std::int64_t>(i) + 1;
    report.samples += static_cast<std::int64_t>(chosen.size());
    report.mean_loss = sum / static_cast<double>(report.samples);
    if (!after_step(report) && i + 1 < order.size()) return false;
  }
  ++training.epochs;
  training.loss = report.mean_loss;
  return true;
}

}  // namespace coil
