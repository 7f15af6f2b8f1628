#pragma once

// Whether a model, a text and a recipe go together, and whether a run can go on with them. Each check is a RunError
// that says why not.

#include <span>
#include <string>

#include "runtime/model/model.hpp"
#include "runtime/text/batches.hpp"

namespace coil {

// What a text can be trained on through. RunError (bad_text) where it cannot, or has no weights yet.
TextFace trainable_face(const Model& model);

// The text in the numbers of the model's vocabulary. RunError (bad_text) where it has none yet, or not that.
std::vector<std::int32_t> encoded(const Model& model, std::string_view text,
                                  const std::string& name);

// RunError (usage): a number of the recipe past what it can be, or settings that do not go together.
void check_recipe(const Recipe& recipe);

// How much of the end of a text is held out.
std::size_t held_out_characters(std::size_t characters, double share);

// Every character that is to be predicted is one that the model can predict; else RunError (bad_text). The samples
// begin at character `offset` of a text of `characters`.
void check_targets(const Model& model, const TextFace& face, const Samples& samples,
                   std::size_t offset, std::size_t characters, const std::string& name);

// 32 hexadecimal digits.
std::string hash_of_text(std::span<const std::int32_t> text);

// RunError (usage): the run in model.training began with another text or with other settings that its place counts
// on.
void check_same_run(const Training& training, const Recipe& recipe,
                    std::span<const std::int32_t> text, const std::string& name);

}  // namespace coil
