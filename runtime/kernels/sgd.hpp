#pragma once

#include <cstdint>
#include <span>

namespace coil::kernels {

struct SgdParameters {
  double learning_rate = 1e-2;
  double momentum = 0;
  double gradient_scale = 1;  // what clipping leaves of a gradient
  double decay = 0;
};

// One weight with its gradient and velocity, each `size` floats; the three overlap nothing.
struct SgdTensor {
  float* weight = nullptr;
  const float* gradient = nullptr;
  float* velocity = nullptr;
  std::int64_t size = 0;
};

// One step of stochastic gradient descent with momentum over all tensors at once:
//
//   velocity = momentum * velocity + gradient_scale * gradient
//   weight   = (weight - learning_rate * decay * weight) - learning_rate * velocity
//
// Denormal numbers count as zero and none is written, as in adam(). A NaN or an infinite gradient stays in its own
// weight and velocity. Gives whether all new weights are finite.
bool sgd(const SgdParameters& parameters, std::span<const SgdTensor> tensors);

}  // namespace coil::kernels
