#pragma once

#include <span>

#include "runtime/artifact/tensor.hpp"
#include "runtime/model/model.hpp"

namespace coil {

// Copies tensors over the model's weights. RunError (bad_artifact) that lists what is missing, left over or
// of another shape; then no weight was changed.
void set_weights(std::span<const Tensor> tensors, const std::string& path, Model& model);

}  // namespace coil
