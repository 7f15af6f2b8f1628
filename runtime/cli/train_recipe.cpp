#include "runtime/cli/train_recipe.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/guard.hpp"
#include "runtime/cli/letters_option.hpp"
#include "runtime/recipe/read_recipe.hpp"

namespace coil::cli {
namespace {

Recipe read_file_over(const Recipe& base, const std::string& path) {
  const SourceFile file = load_source(path);
  Diagnostics diagnostics(file);
  auto recipe = read_recipe(file, base, diagnostics);
  fmt::print(stderr, "{}", diagnostics.render());
  if (!recipe) throw Reported{ExitCode::bad_text};
  return std::move(*recipe);
}

// Cuts the phases after so many epochs, or makes the last one longer.
void set_epochs(std::vector<Phase>& phases, std::int64_t epochs) {
  std::vector<Phase> kept;
  for (Phase phase : phases) {
    if (epochs == 0) break;
    phase.epochs = std::min(phase.epochs, epochs);
    epochs -= phase.epochs;
    kept.push_back(phase);
  }
  kept.back().epochs += epochs;
  phases = std::move(kept);
}

void set_phases(const TrainOptions& options, std::vector<Phase>& phases) {
  for (Phase& phase : phases) {
    if (!options.optimizer.empty()) phase.optimizer = *find_optimizer(options.optimizer);
    if (phase.optimizer == Optimizer::adam) phase.momentum = 0;
    phase.learning_rate = options.learning_rate.value_or(phase.learning_rate);
    phase.momentum = options.momentum.value_or(phase.momentum);
  }
  if (options.epochs) set_epochs(phases, *options.epochs);
}

// Phases that a word of the command line made alike are one.
void join_alike(std::vector<Phase>& phases) {
  std::vector<Phase> joined;
  for (Phase phase : phases) {
    const std::int64_t epochs = phase.epochs;
    if (!joined.empty()) phase.epochs = joined.back().epochs;
    if (!joined.empty() && phase == joined.back()) {
      joined.back().epochs += epochs;
    } else {
      phase.epochs = epochs;
      joined.push_back(phase);
    }
  }
  phases = std::move(joined);
}

std::string shown(double number) { return fmt::format("{}", number); }

// What a run keeps to its end, as the command line would say it.
struct Setting {
  const char* name;
  std::string (*value)(const Recipe&);
};

constexpr Setting settings[] = {
    {"--case",
     [](const Recipe& recipe) {
       return std::string(recipe.letters == LetterCase::lower ? "lower" : "as-written");
     }},
    {"--scheme", [](const Recipe& recipe) { return std::string(to_string(recipe.scheme)); }},
    {"--batch", [](const Recipe& recipe) { return std::to_string(recipe.batch); }},
    {"--reset",
     [](const Recipe& recipe) {
       return std::string(recipe.reset == Reset::epoch ? "epoch" : "never");
     }},
    {"--clip-norm", [](const Recipe& recipe) { return shown(recipe.clip_norm); }},
    {"--weight-decay", [](const Recipe& recipe) { return shown(recipe.weight_decay); }},
    {"--validation", [](const Recipe& recipe) { return shown(recipe.validation); }},
    {"--seed", [](const Recipe& recipe) { return std::to_string(recipe.seed); }},
    {"--precision", [](const Recipe& recipe) { return std::string(to_string(recipe.precision)); }},
};

}  // namespace

Recipe effective_recipe(const TrainOptions& options, const Recipe& base) {
  Recipe recipe = options.recipe.empty() ? base : read_file_over(base, options.recipe);
  if (!options.letters.empty()) recipe.letters = letters_of(options.letters);
  if (!options.scheme.empty()) recipe.scheme = *find_scheme(options.scheme);
  if (recipe.scheme != Scheme::streams) recipe.reset = Reset::epoch;
  if (!options.reset.empty()) recipe.reset = options.reset == "never" ? Reset::never : Reset::epoch;
  recipe.batch = options.batch.value_or(recipe.batch);
  set_phases(options, recipe.phases);
  join_alike(recipe.phases);
  recipe.clip_norm = options.clip_norm.value_or(recipe.clip_norm);
  recipe.weight_decay = options.weight_decay.value_or(recipe.weight_decay);
  recipe.validation = options.validation.value_or(recipe.validation);
  recipe.patience = options.patience.value_or(recipe.patience);
  recipe.seed = options.seed.value_or(recipe.seed);
  recipe.precision = options.execution.precision_or(recipe.precision);
  if (const auto why = why_invalid(recipe)) fail(ExitCode::usage, "{}", *why);
  return recipe;
}

void require_same_run(const std::string& out, const Recipe& before, const Recipe& wanted) {
  for (const Setting& setting : settings) {
    const std::string had = setting.value(before);
    const std::string asked = setting.value(wanted);
    if (had == asked) continue;
    fail(ExitCode::usage,
         "--resume: {} was trained with {} {}, and is to go on with {}; leave that out, or begin "
         "anew without --resume",
         printable(out, 200), setting.name, had, asked);
  }
}

}  // namespace coil::cli
