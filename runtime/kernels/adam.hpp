#pragma once

#include <cstdint>
#include <span>

namespace coil::kernels {

struct AdamParameters {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-7;
  double gradient_scale = 1;  // what clipping leaves of a gradient
  double decay = 0;
};

// One weight with its gradient and moments, each `size` floats; the four overlap nothing.
struct AdamTensor {
  float* weight = nullptr;
  const float* gradient = nullptr;
  float* mean = nullptr;
  float* variance = nullptr;
  std::int64_t size = 0;
};

// One Adam step, `step` counted from 1, over all tensors at once (Kingma and Ba, "Adam", 2015, in
// the form before section 2.1, which Keras uses: epsilon is not divided by sqrt(1 - beta2^step)):
//
//   g        = gradient_scale * gradient
//   mean     = beta1 * mean + (1 - beta1) * g
//   variance = beta2 * variance + (1 - beta2) * g^2
//   weight   = (weight - learning_rate * decay * weight) - rate * mean / (sqrt(variance) + epsilon)
//   rate     = learning_rate * sqrt(1 - beta2^step) / (1 - beta1^step)     in double precision
//
// Denormal numbers count as zero and none is written: the moments of a weight whose gradient stays
// 0 would else shrink into them and stay, and made a step 26 times slower. epsilon must not be
// denormal.
//
// A NaN gradient makes its weight and moments NaN, no other. An infinite one makes mean and
// variance infinite and the weight NaN: look at squared_norm first. Gives whether all new weights are finite.
bool adam(const AdamParameters& parameters, std::int64_t step, std::span<const AdamTensor> tensors);

}  // namespace coil::kernels
