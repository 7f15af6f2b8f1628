#pragma once

// A model as good as trained, to measure with: how long it takes does not depend on what it has learnt.

#include <string>

#include "runtime/model/model.hpp"

namespace coil {

// The same graph with a store of its own and the weights of `model`, or fresh ones where it has none; and with a
// vocabulary, of characters that nothing is known about, where the model takes characters and has none yet.
Model sample_of(const Model& model);

// What its products in int8 are scaled by: made up, where it was not calibrated.
std::shared_ptr<const Ranges> sample_ranges(const Model& model);

// A text of the model's characters, drawn at random, that is one batch of `batch` samples in the scheme. The model
// must have a vocabulary.
std::string sample_text(const Model& model, const TextFace& face, Scheme scheme,
                        std::int64_t batch);

// Of the recipe that the model was trained with, or that is usual.
Recipe measured_recipe(const Model& model);

}  // namespace coil
