#include "runtime/train/check_run.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <xxhash.h>

#include "compiler/passes/attach_loss.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/recipe/limits.hpp"

namespace coil {
namespace {

template <typename Number>
void check_range(const char* what, Number number, Range<Number> range) {
  if (!range.contains(number))
    fail(ExitCode::usage, "the recipe's {} is {}, and that is not from {} to {}", what, number,
         range.least, range.most);
}

const char* word_of(Reset reset) { return reset == Reset::epoch ? "epoch" : "never"; }

template <typename Setting>
void check_same(const char* what, const Setting& before, const Setting& now) {
  if (before != now)
    fail(
        ExitCode::usage,
        "resuming needs the {} that the run began with, {}, and is given {}; without resuming, its "
        "weights can be trained on",
        what, before, now);
}

}  // namespace

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

std::vector<std::int32_t> encoded(const Model& model, std::string_view text,
                                  const std::string& name) {
  if (!model.vocabulary) fail(ExitCode::bad_text, "{} has no vocabulary yet", model.graph.name);
  check_vocabulary(model);
  return model.vocabulary->encode(text, name);
}

void check_recipe(const Recipe& recipe) {
  check_range("batch", recipe.batch, limits::batch);
  check_range("clip_norm", recipe.clip_norm, limits::clip_norm);
  check_range("weight_decay", recipe.weight_decay, limits::weight_decay);
  check_range("validation", recipe.validation, limits::validation);
  check_range("patience", recipe.patience, limits::patience);
  if (recipe.phases.size() > limits::most_phases)
    fail(ExitCode::usage, "the recipe has {} phases, more than {}", recipe.phases.size(),
         limits::most_phases);
  for (const Phase& phase : recipe.phases) {
    check_range("learning_rate", phase.learning_rate, limits::learning_rate);
    check_range("momentum", phase.momentum, limits::momentum);
    check_range("number of epochs", phase.epochs, limits::epochs);
  }
  if (const auto why = why_invalid(recipe)) fail(ExitCode::usage, "the recipe: {}", *why);
}

std::size_t held_out_characters(std::size_t characters, double share) {
  return static_cast<std::size_t>(std::floor(static_cast<double>(characters) * share));
}

void check_targets(const Model& model, const TextFace& face, const Samples& samples,
                   std::size_t offset, std::size_t characters, const std::string& name) {
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
         offset + samples.targets_begin(sample) + static_cast<std::size_t>(bad - targets.begin()) +
             1,
         characters, describe_character(model.vocabulary->at(static_cast<std::size_t>(*bad))),
         *bad + 1);
  }
}

std::string hash_of_text(std::span<const std::int32_t> text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size_bytes());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

void check_same_run(const Training& training, const Recipe& recipe,
                    std::span<const std::int32_t> text, const std::string& name) {
  const Recipe& before = training.recipe;
  check_same("scheme", to_string(before.scheme), to_string(recipe.scheme));
  check_same("batch", before.batch, recipe.batch);
  check_same("seed", before.seed, recipe.seed);
  check_same("reset of states", std::string_view(word_of(before.reset)),
             std::string_view(word_of(recipe.reset)));
  check_same("share held out for validation", before.validation, recipe.validation);
  if (training.characters != std::ssize(text) || training.text_hash != hash_of_text(text))
    fail(ExitCode::usage,
         "{} is not the text that the run began with, which had {} characters; without resuming, "
         "the weights can be trained on any",
         printable(name, 200), training.characters);
}

}  // namespace coil
