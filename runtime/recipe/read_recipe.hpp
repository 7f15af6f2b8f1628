#pragma once

// Recipes as YAML:
//   corpus:   {lowercase: true}
//   batching: {scheme: streams, batch: 64}     # blocks | windows | streams
//   state:    {reset: epoch}                   # epoch | never; of streams
//   phases:
//     - {optimizer: adam, learning_rate: 0.001, epochs: 20}
//     - {learning_rate: 0.0001, epochs: 20}    # the optimizer and momentum of the phase before
// and, where wanted, clip_norm, weight_decay, validation, patience and seed.

#include <optional>
#include <string>

#include "compiler/source/diagnostic.hpp"

#include "runtime/recipe/recipe.hpp"

namespace coil {

// What the file leaves out is as in `usual`. Nothing after a mistake: all of them are told to `diagnostics`,
// those of `file`.
std::optional<Recipe> read_recipe(const SourceFile& file, const Recipe& usual,
                                  Diagnostics& diagnostics);

// A recipe that an artifact keeps, as print_recipe wrote it. RunError (bad_artifact) with the first mistake;
// `origin` names the text: "out.coil: its recipe".
Recipe recipe_from_text(const std::string& text, const std::string& origin);

// YAML that reads back as an equal recipe, every key written out. `recipe` must be valid (why_invalid).
std::string print_recipe(const Recipe& recipe);

}  // namespace coil
