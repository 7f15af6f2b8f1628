#pragma once

#include <cstdint>

#include "compiler/graph/dropout_mask.hpp"

namespace coil::kernels {

// y[i] = x[i] * scale where the mask keeps i, else 0. `y` may be `x`. A NaN that is dropped is 0.
void dropout(const DropoutMask& mask, float scale, const float* x, float* y, std::int64_t size);

}  // namespace coil::kernels
