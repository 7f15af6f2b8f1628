#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/artifact/tensor.hpp"
#include "runtime/model/model.hpp"

namespace coil {

inline constexpr std::size_t largest_weight_file = std::size_t{8} << 30;

// Copies tensors over the model's weights. RunError (bad_artifact) that lists what is missing, left over, of
// another shape or not finite; then no weight was changed.
void set_weights(std::span<const Tensor> tensors, const std::string& path, Model& model);

struct WantedTensor {
  std::string name;
  std::vector<std::int64_t> shape;
};

// What is wrong with tensors that should be those, a line each.
std::vector<std::string> why_unfit(std::span<const WantedTensor> wanted,
                                   std::span<const Tensor> tensors);

// RunError (bad_artifact): "PATH: the weights do not fit model M<hint>:" and the lines.
[[noreturn]] void refuse_weights(const std::string& path, const Model& model,
                                 std::vector<std::string> why, const std::string& hint = "");

// On this thread: what loads a model to predict a character or two has no use for a team, which would spin beside it.
bool all_finite(std::span<const float> values);

}  // namespace coil
