#pragma once

#include <cstdint>
#include <span>

namespace coil::kernels {

struct NormTensor {
  const float* data = nullptr;
  std::int64_t size = 0;
};

// The sum of the squares of all elements of all tensors, in double precision: for clipping by the
// global norm, and to watch for NaN and infinity. NaN where an element is NaN, else +inf where one
// is infinite, else finite: squares of floats cannot overflow a double. No elements give 0.
double squared_norm(std::span<const NormTensor> tensors);

}  // namespace coil::kernels
