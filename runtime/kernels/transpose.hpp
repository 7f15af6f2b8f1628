#pragma once

#include "runtime/kernels/matrix.hpp"

namespace coil::kernels {

// out[c * rows + r] = in[r * columns + c]: in [rows x columns], out [columns x rows], apart.
void transpose(const float* in, float* out, Extent extent);

}  // namespace coil::kernels
