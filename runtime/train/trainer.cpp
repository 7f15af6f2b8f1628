#include "runtime/train/trainer.hpp"

#include <algorithm>
#include <cmath>

#include "compiler/passes/attach_loss.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/train/check_run.hpp"
#include "runtime/train/first_broken.hpp"

namespace coil {
namespace {

// A loss that has grown to this many times the first is not coming back.
constexpr double hopeless = 3;

std::int64_t epochs_of(const Recipe& recipe) {
  std::int64_t epochs = 0;
  for (const Phase& phase : recipe.phases) epochs += phase.epochs;
  return epochs;
}

// The phase that an epoch, counted from 0, belongs to; the last one past them all.
std::size_t phase_at(const Recipe& recipe, std::int64_t epoch) {
  std::size_t phase = 0;
  for (; phase + 1 < recipe.phases.size() && epoch >= recipe.phases[phase].epochs; ++phase)
    epoch -= recipe.phases[phase].epochs;
  return phase;
}

SampleOptions sample_options(const TextFace& face, const Recipe& recipe) {
  return {static_cast<int>(face.window.size()), static_cast<int>(recipe.batch),
          face.predictions == 1 ? Targets::last : Targets::every};
}

std::span<const std::int32_t> without_end(std::span<const std::int32_t> text, double share) {
  return text.first(text.size() - held_out_characters(text.size(), share));
}

Execution in_precision(Execution execution, Precision precision) {
  execution.precision = precision;
  return execution;
}

}  // namespace

Scheme usual_scheme(const Model& model) {
  const auto face = text_face(model.graph);
  if (!face) return Scheme::blocks;
  if (face->has_states) return Scheme::streams;
  return face->takes_sequence ? Scheme::windows : Scheme::blocks;
}

Recipe usual_recipe(const Model& model) {
  Recipe recipe;
  recipe.scheme = usual_scheme(model);
  recipe.batch = recipe.scheme == Scheme::streams ? 64 : 512;
  recipe.phases[0].learning_rate = recipe.scheme == Scheme::blocks ? 0.01 : 0.001;
  recipe.phases[0].epochs = 3;
  return recipe;
}

Trainer::Trainer(Model& model, std::string_view text, const std::string& name, const Recipe& recipe,
                 Execution execution, Start start)
    : model_(model),
      recipe_((check_recipe(recipe), recipe)),
      execution_(in_precision(execution, recipe.precision)),
      text_(encoded(model, text, name)),
      face_(trainable_face(model)),
      samples_(without_end(text_, recipe.validation), recipe.scheme, sample_options(face_, recipe),
               name),
      prober_(model.graph) {
  check_targets(model, face_, samples_, 0, text_.size(), name);
  model.ranges = nullptr;  // of weights that are about to change
  if (start == Start::resume) {
    if (!model.training)
      fail(ExitCode::usage, "{} has not been trained, so there is nothing to resume",
           model.graph.name);
    check_same_run(*model.training, recipe, text_, name);
    resume();
  } else {
    begin_run();
  }
  if (recipe.validation > 0) hold_out(name);
}

void Trainer::hold_out(const std::string& name) {
  const auto end = std::span(text_).last(held_out_characters(text_.size(), recipe_.validation));
  held_out_.emplace(model_, end, face_, recipe_, execution_, name);
  check_targets(model_, face_, held_out_->samples(), text_.size() - end.size(), text_.size(), name);
}

// Whatever the run computes from now on, it computes by one lowering: that which is fastest for its first optimizer.
void Trainer::make_executable() {
  Training& training = *model_.training;
  executable_ = std::make_unique<Executable>(model_.graph, entry_of(training.optimizer),
                                             model_.store, execution_, recipe_.batch);
  execution_.lowering = executable_->way_for(recipe_.batch).lowering;
  if (executable_->choice()) choice_ = executable_->choice();
  training.lowering = execution_.lowering;
}

void Trainer::begin_run() {
  Training training;
  training.recipe = recipe_;
  training.optimizer = recipe_.phases.front().optimizer;
  training.characters = std::ssize(text_);
  training.text_hash = hash_of_text(text_);
  model_.training = std::move(training);
  model_.training_tensors.clear();
  make_executable();
  zero_moments(model_, model_.training->optimizer);
}

void Trainer::resume() {
  Training& training = *model_.training;
  if (training.step > steps_per_epoch())
    fail(ExitCode::bad_artifact, "the model's file is {} steps into an epoch of {}", training.step,
         steps_per_epoch());
  if (!execution_.lowering) execution_.lowering = training.lowering;
  make_executable();
  set_run_state(model_.training_tensors, model_, training.optimizer, carrying());
  model_.training_tensors.clear();
  training.recipe = recipe_;
}

std::int64_t Trainer::steps_per_epoch() const {
  return static_cast<std::int64_t>((samples_.size() + samples_.batch() - 1) / samples_.batch());
}

std::int64_t Trainer::held_out() const {
  return held_out_ ? static_cast<std::int64_t>(held_out_->samples().size()) : 0;
}

bool Trainer::stopped_early() const {
  return recipe_.patience > 0 && model_.training->epochs_since_best >= recipe_.patience;
}

bool Trainer::done() const {
  return model_.training->epochs >= epochs_of(recipe_) || stopped_early();
}

const Phase& Trainer::phase() const {
  return recipe_.phases[phase_at(recipe_, model_.training->epochs)];
}

StepReport Trainer::report() const {
  const Training& training = *model_.training;
  StepReport report;
  report.phase = static_cast<std::int64_t>(phase_at(recipe_, training.epochs)) + 1;
  report.epoch = training.epochs + 1;
  report.epochs = epochs_of(recipe_);
  report.step = training.step;
  report.steps = steps_per_epoch();
  report.all_samples = samples();
  report.samples = std::min(training.step * recipe_.batch, report.all_samples);
  report.learning_rate = phase().learning_rate;
  report.gradient_norm = norm_;
  report.loss = loss_;
  report.mean_loss = training.loss_sum / static_cast<double>(report.samples);
  return report;
}

// Within an epoch of streams, and between two where they are never reset.
Program* Trainer::carrying() {
  const bool now = model_.training->step > 0 || recipe_.reset == Reset::never;
  return carries() && now ? &executable_->at(recipe_.batch) : nullptr;
}

// The moments of the optimizer before are of no use to another.
void Trainer::switch_optimizer() {
  Training& training = *model_.training;
  if (phase().optimizer == training.optimizer) return;
  Carried states;
  if (Program* program = carrying()) read_states(*program, states);
  training.optimizer = phase().optimizer;
  training.updates = 0;
  make_executable();
  zero_moments(model_, training.optimizer);
  if (!states.empty()) write_states(states, executable_->at(recipe_.batch));
}

void Trainer::begin_epoch() {
  switch_optimizer();
  const Training& training = *model_.training;
  order_.emplace(samples_, recipe_.seed, static_cast<std::uint32_t>(training.epochs));
  if (carries() && training.step == 0 && recipe_.reset == Reset::epoch)
    executable_->at(recipe_.batch).reset_states();
}

StepNumbers Trainer::numbers() const {
  const Training& training = *model_.training;
  StepNumbers numbers;
  numbers.seed = static_cast<double>(recipe_.seed & 0xffffff);  // 24 bits are exact in a float
  numbers.step = static_cast<double>(training.steps + 1);
  numbers.update = static_cast<double>(training.updates + 1);
  numbers.rate = phase().learning_rate;
  numbers.momentum = phase().momentum;
  if (recipe_.clip_norm > 0) numbers.clip = recipe_.clip_norm;
  numbers.decay = recipe_.weight_decay;
  return numbers;
}

void Trainer::run_step(std::span<const std::uint32_t> chosen) {
  Training& training = *model_.training;
  Program& program = executable_->at(static_cast<std::int64_t>(chosen.size()));
  const StepNumbers now = numbers();
  samples_.fill(chosen, batch_);
  feed(program, face_, batch_, now);
  if (carries())
    read_states(program, before_);
  else
    program.reset_states();
  program.run();
  model_.store.touch();
  loss_ = program.output(loss_name)[0];
  norm_ = program.output(norm_name)[0];
  ++training.steps;
  ++training.updates;
  ++training.step;
  if (!std::isfinite(loss_) || !std::isfinite(norm_))
    fail_diverged(first_broken(model_, face_, batch_, now, before_, execution_.threads));
  if (std::isnan(training.first_loss)) training.first_loss = loss_;
  check_step(program.broke_weights());
  training.loss_sum += loss_ * static_cast<double>(chosen.size());
}

void Trainer::fail_diverged(const std::string& what) const {
  fail(ExitCode::diverged,
       "training diverged at step {}: {}; try a smaller --learning-rate than {}{}",
       model_.training->steps, what, phase().learning_rate,
       recipe_.clip_norm == 0 ? ", or clip_norm: 1 in the recipe" : "");
}

void Trainer::check_step(bool broke_weights) const {
  const double first = model_.training->first_loss;
  // Where the first loss is that of a model that has learnt, one far below guessing is not far from good.
  const double guessing = std::log(static_cast<double>(face_.classes));
  if (loss_ > hopeless * std::max(first, guessing))
    fail_diverged(fmt::format("the loss is {:.4g}, and the first was {:.4g}", loss_, first));
  // A finite gradient can still carry a weight past the largest number.
  if (!broke_weights) return;
  const auto broken = broken_weight(model_);
  require(broken.has_value(), "a weight that the optimizer broke is broken");
  fail_diverged(fmt::format("the weight '{}' is not finite any more", *broken));
}

void Trainer::end_epoch() {
  Training& training = *model_.training;
  training.loss = training.loss_sum / static_cast<double>(samples_.size());
  ++training.epochs;
  training.step = 0;
  training.loss_sum = 0;
  if (!held_out_) return;
  training.validation_loss = held_out_->loss();
  if (!std::isfinite(training.validation_loss))
    fail_diverged(fmt::format("the loss on the text held out is {}", training.validation_loss));
  const bool is_better = !(training.validation_loss >= training.best_validation);
  if (is_better) training.best_validation = training.validation_loss;
  training.epochs_since_best = is_better ? 0 : training.epochs_since_best + 1;
}

bool Trainer::run_epoch(const std::function<bool(const StepReport&)>& after_step) {
  require(!done(), "a run that is done has no next epoch");
  begin_epoch();
  const Training& training = *model_.training;
  while (training.step < steps_per_epoch()) {
    run_step(order_->at(static_cast<std::size_t>(training.step)));
    if (!after_step(report()) && training.step < steps_per_epoch()) return false;
  }
  end_epoch();
  return true;
}

void Trainer::save(const std::string& path) {
  model_.training_tensors = run_state(model_, model_.training->optimizer, carrying());
  save_model(path, model_, Keep::previous, prober_);
  model_.training_tensors.clear();
}

}  // namespace coil
