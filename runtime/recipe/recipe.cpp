#include "runtime/recipe/recipe.hpp"

namespace coil {

std::string_view to_string(Optimizer optimizer) {
  switch (optimizer) {
    case Optimizer::adam:
      return "adam";
    case Optimizer::sgd:
      return "sgd";
  }
  __builtin_unreachable();
}

std::optional<Optimizer> find_optimizer(std::string_view name) {
  for (const Optimizer optimizer : {Optimizer::adam, Optimizer::sgd})
    if (to_string(optimizer) == name) return optimizer;
  return std::nullopt;
}

std::optional<std::string> why_invalid(const Phase& phase) {
  if (phase.optimizer == Optimizer::adam && phase.momentum != 0)
    return "momentum is of sgd; adam has its own";
  return std::nullopt;
}

std::optional<std::string> why_invalid(const Recipe& recipe) {
  if (recipe.phases.empty()) return "phases are missing";
  for (const Phase& phase : recipe.phases)
    if (auto why = why_invalid(phase)) return why;
  if (!is_for_training(recipe.precision))
    return "precision int8 is for inference; train in f32 or bf16, and calibrate what was trained";
  if (recipe.patience > 0 && recipe.validation == 0)
    return "patience waits for a better validation loss; give a share of the text as validation, "
           "0.05 for example";
  if (recipe.reset != Reset::epoch && recipe.scheme != Scheme::streams)
    return "state is carried on from sample to sample in streams alone; with other schemes there "
           "is nothing to reset";
  return std::nullopt;
}

}  // namespace coil
