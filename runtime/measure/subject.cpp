#include "runtime/measure/subject.hpp"

#include <memory>

#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/retime.hpp"

#include "runtime/measure/sample_model.hpp"
#include "runtime/measure/sample_run.hpp"
#include "runtime/recipe/limits.hpp"
#include "runtime/train/trainer.hpp"

namespace coil {
namespace {

std::int64_t characters_of(const Graph& graph) {
  const auto face = text_face(graph);
  return face ? static_cast<std::int64_t>(face->window.size()) : 0;
}

// The graph that writes one character more.
std::optional<Graph> step_graph(const Graph& graph, std::string* why) {
  const auto face = text_face(graph, why);
  if (!face) return std::nullopt;
  return face->has_states ? one_step(graph, why) : graph;
}

Subject predicting(Measured entry, Model sample, const SubjectOptions& options) {
  const std::int64_t characters = characters_of(sample.graph);
  auto run = std::make_shared<SampleRun>(std::move(sample), Entry::predict, options);
  return {entry, options, run->way(), characters, [run] { run->run(); }};
}

// A trainer on a text of one batch: an epoch of its is a step.
struct TrainingRun {
  Model model;
  Trainer trainer;

  TrainingRun(const Model& from, const Recipe& recipe, const SubjectOptions& options)
      : model(sample_of(from)),
        trainer(model, sample_text(model, *text_face(model.graph), recipe.scheme, options.batch),
                "the text to measure with", recipe, options.execution()) {}
};

// What may differ without a step being another: it never ends, learns next to nothing, and so cannot diverge.
Recipe endless(Recipe recipe, const SubjectOptions& options) {
  recipe.batch = options.batch;
  recipe.precision = options.precision;
  recipe.validation = 0;
  recipe.patience = 0;
  Phase phase = recipe.phases[0];
  phase.learning_rate = 1e-6;
  phase.epochs = limits::epochs.most;
  recipe.phases.assign(limits::most_phases, phase);
  return recipe;
}

Subject train_subject(const Model& model, const SubjectOptions& options) {
  const Recipe recipe = endless(measured_recipe(model), options);
  auto run = std::make_shared<TrainingRun>(model, recipe, options);
  return {
      Measured::train_step, options, {run->trainer.lowering()}, characters_of(model.graph), [run] {
        run->trainer.run_epoch([](const StepReport&) { return true; });
      }};
}

bool can_train(const Model& model, Precision precision, std::string* why) {
  if (!text_face(model.graph, why)) return false;
  auto untrainable = why_untrainable(model.graph);
  if (!is_for_training(precision)) untrainable = "nothing is trained in int8";
  if (untrainable && why) *why = *untrainable;
  return !untrainable;
}

}  // namespace

std::string_view to_string(Measured entry) {
  switch (entry) {
    case Measured::predict:
      return "predict";
    case Measured::train_step:
      return "train_step";
    case Measured::step:
      return "step";
  }
  __builtin_unreachable();
}

std::optional<Measured> find_measured(std::string_view name) {
  for (const Measured entry : all_measured)
    if (to_string(entry) == name) return entry;
  return std::nullopt;
}

std::int64_t usual_batch(const Model& model, Measured entry) {
  return entry == Measured::step ? 1 : measured_recipe(model).batch;
}

std::optional<Subject> make_subject(const Model& model, Measured entry,
                                    const SubjectOptions& options, std::string* why) {
  if (entry == Measured::train_step) {
    if (!can_train(model, options.precision, why)) return std::nullopt;
    return train_subject(model, options);
  }
  Model sample = sample_of(model);
  if (entry == Measured::step) {
    auto graph = step_graph(model.graph, why);
    if (!graph) return std::nullopt;
    sample.graph = std::move(*graph);
  }
  return predicting(entry, std::move(sample), options);
}

std::vector<Primitive> primitives_of(const Model& model, const Subject& subject) {
  Model sample = sample_of(model);
  if (subject.entry == Measured::step) sample.graph = *step_graph(model.graph, nullptr);
  const Entry entry = subject.entry == Measured::train_step
                          ? entry_of(measured_recipe(model).phases[0].optimizer)
                          : Entry::predict;
  SampleRun run(std::move(sample), entry, subject.options);
  return time_primitives(run);
}

}  // namespace coil
