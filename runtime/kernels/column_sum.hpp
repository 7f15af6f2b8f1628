#pragma once

#include "runtime/kernels/matrix.hpp"

namespace coil::kernels {

// out[j] = sum over i of in[i, j], `out` is [columns] and overlaps nothing: the gradient of a bias.
// Rows are added in blocks of 64 and the blocks one after the other, so that the error grows with
// rows / 64 + 64 and not with rows. No rows give zeros. NaN and infinity stay in their column.
void column_sum(ConstMatrix in, float* out);

}  // namespace coil::kernels
