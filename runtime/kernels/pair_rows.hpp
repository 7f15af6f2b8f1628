#pragma once

// A matrix [rows x columns] as processors that multiply bf16 read it on the right of a product: two rows side by side,
// 64 columns at a time,
//   out[c / 64][r / 2][c % 64][r % 2]
// with zeros for rows up to a multiple of 32 and columns up to one of 64. Floats are rounded as round_to_bf16 does.

#include "runtime/kernels/bf16.hpp"
#include "runtime/kernels/matrix.hpp"

namespace coil::kernels {

// Of a matrix that lies as it is: element (r, c) is in[r * columns + c].
void pair_rows(const Bf16* in, Bf16* out, Extent extent);

// Of one that lies transposed: element (r, c) is in[c * rows + r].
void pair_columns(const Bf16* in, Bf16* out, Extent extent);

// pair_rows of a matrix to `rows`, and pair_columns of its transpose, which lies so, to `columns`; a null is not wanted.
void pair_both(const float* in, Bf16* rows, Bf16* columns, Extent extent);

}  // namespace coil::kernels
