#pragma once

// A matrix of floats [rows x columns] as processors read it on the right of a product: 64 columns at a time,
//   out[c / 64][r][c % 64]
// with zeros for rows up to a multiple of 16 and columns up to one of 64.

#include "runtime/kernels/matrix.hpp"

namespace coil::kernels {

// Of a matrix that lies as it is: element (r, c) is in[r * columns + c].
void lay_rows(const float* in, float* out, Extent extent);

// Of one that lies transposed: element (r, c) is in[c * rows + r].
void lay_columns(const float* in, float* out, Extent extent);

// lay_rows of a matrix to `rows`, and lay_columns of its transpose, which lies so, to `columns`.
void lay_both(const float* in, float* rows, float* columns, Extent extent);

}  // namespace coil::kernels
