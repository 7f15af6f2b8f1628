#pragma once

// What `coil inspect` says of a model: a Keras-like table, or the same as JSON.

#include <string>

#include "runtime/model/model.hpp"

namespace coil::cli {

std::string summary_text(const Model& model);

// One object, keys in a fixed order; shapes as arrays, with null for the batch.
std::string summary_json(const Model& model);

}  // namespace coil::cli
