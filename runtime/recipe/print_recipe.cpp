#include <fmt/format.h>

#include "runtime/recipe/read_recipe.hpp"

namespace coil {
namespace {

std::string print(const Phase& phase) {
  const std::string momentum =
      phase.optimizer == Optimizer::sgd ? fmt::format(", momentum: {}", phase.momentum) : "";
  return fmt::format("  - {{optimizer: {}, learning_rate: {}{}, epochs: {}}}\n",
                     to_string(phase.optimizer), phase.learning_rate, momentum, phase.epochs);
}

}  // namespace

std::string print_recipe(const Recipe& recipe) {
  std::string out = fmt::format("corpus: {{lowercase: {}}}\n", recipe.letters == LetterCase::lower);
  out +=
      fmt::format("batching: {{scheme: {}, batch: {}}}\n", to_string(recipe.scheme), recipe.batch);
  if (recipe.scheme == Scheme::streams)
    out += fmt::format("state: {{reset: {}}}\n", recipe.reset == Reset::epoch ? "epoch" : "never");
  out += "phases:\n";
  for (const Phase& phase : recipe.phases) out += print(phase);
  out += fmt::format("clip_norm: {}\nweight_decay: {}\nvalidation: {}\npatience: {}\nseed: {}\n",
                     recipe.clip_norm, recipe.weight_decay, recipe.validation, recipe.patience,
                     recipe.seed);
  out += fmt::format("precision: {}\n", to_string(recipe.precision));
  return out;
}

}  // namespace coil
