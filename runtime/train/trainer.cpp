#include "runtime/train/trainer.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "compiler/passes/attach_loss.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

namespace coil {
namespace {

void check_trainable(const Model& model, const std::vector<std::string>& inputs) {
  if (auto why = why_untrainable(model.graph)) fail(ExitCode::bad_text, "{}", *why);
  if (!model.has_weights) fail(ExitCode::bad_text, "{} has no weights yet", model.graph.name);
  if (inputs.empty() || inputs.size() != leaves(model.graph, Op::input).size())
    fail(ExitCode::bad_text,
         "training on a text needs a model whose inputs are all characters, as in "
         "`input c1, c2, c3: index(vocab)`");
  if (model.graph.type(model.graph.outputs[0].value).shape.rank() != 2)
    fail(ExitCode::bad_text, "training on a text needs one prediction per window");
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

// Numbers whose exponent bits are all set are infinite or NaN. Without a branch, for the vectoriser: this
// looks at every weight after every step.
bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t exponent = 0x7f800000;
  std::uint32_t broken = 0;
  for (const float x : values)
    broken |= std::uint32_t{(std::bit_cast<std::uint32_t>(x) & exponent) == exponent};
  return broken == 0;
}

// Every character that some window is followed by is one the model can predict.
void check_targets(const Model& model, const Samples& samples, std::span<const std::int32_t> text,
                   const std::string& name) {
  const std::int64_t classes = model.graph.type(model.graph.outputs[0].value).shape.last();
  if (static_cast<std::int64_t>(model.vocabulary->size()) <= classes) return;
  for (std::size_t at = samples.steps(); at < text.size(); at += samples.steps())
    if (text[at] >= classes)
      fail(ExitCode::bad_text,
           "{}: the model has {} outputs, but character {} of {} is {}, number {} of the "
           "vocabulary; give the model an output for each character",
           name, classes, at + 1, text.size(),
           describe_character(model.vocabulary->at(static_cast<std::size_t>(text[at]))),
           text[at] + 1);
}

}  // namespace

Trainer::Trainer(Model& model, std::string_view text, const std::string& name,
                 const TrainOptions& options)
    : model_(model),
      options_(options),
      text_(vocabulary_of(model).encode(text, name)),
      inputs_(character_inputs(model.graph)),
      samples_([&] {
        check_trainable(model, inputs_);
        return Samples::blocks(text_, static_cast<int>(inputs_.size()), name);
      }()),
      executable_(model.graph, Entry::train_step, model.store, options.threads) {
  check_options(options);
  check_targets(model, samples_, text_, name);
  start_adam();
  if (!model_.training) model_.training = Training{};
  Training& training = *model_.training;
  training.scheme = "blocks";
  training.batch = options.batch;
  training.learning_rate = options.learning_rate;
  training.seed = options.seed;
  if (training.epochs == 0) training.loss = std::nan("");
}

std::int64_t Trainer::steps_per_epoch() const {
  const auto batch = static_cast<std::size_t>(options_.batch);
  return static_cast<std::int64_t>((samples_.size() + batch - 1) / batch);
}

void Trainer::start_adam() {
  for (const NodeId id : leaves(executable_.graph(), Op::state))
    std::ranges::fill(model_.store.values(std::string(leaf_name(executable_.graph().node(id)))),
                      0.0f);
  for (const NodeId id : leaves(model_.graph, Op::weight))
    weights_.push_back(model_.store.values(std::string(leaf_name(model_.graph.node(id)))));
}

// A loss can be finite while gradients are not: relu makes zero of a NaN in oneDNN.
void Trainer::check_weights() const {
  for (const auto& values : weights_)
    if (!all_finite(values))
      fail(
          ExitCode::diverged,
          "training diverged: the weights of step {} are not finite; try a smaller --learning-rate "
          "than {}",
          model_.training->steps, options_.learning_rate);
}

void Trainer::feed(Program& program, std::span<const std::uint32_t> chosen) {
  samples_.fill(chosen, batch_);
  for (std::size_t i = 0; i < inputs_.size(); ++i)
    std::ranges::copy(batch_.column(i), program.index_input(inputs_[i]).begin());
  std::ranges::copy(batch_.targets, program.index_input(target_name).begin());
  program.real_input(rate_name)[0] = static_cast<float>(options_.learning_rate);
  // Exact up to 2^24; long before, the bias correction that it is for has become one.
  program.real_input(step_name)[0] = static_cast<float>(++updates_);
}

double Trainer::run_step(std::span<const std::uint32_t> chosen) {
  Program& program = executable_.at(static_cast<std::int64_t>(chosen.size()));
  feed(program, chosen);
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
  const BatchOrder order(samples_.size(), options_.batch, options_.seed,
                         static_cast<std::uint32_t>(training.epochs));
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
