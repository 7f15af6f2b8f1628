#pragma once

// A matrix of floats [rows x columns] as processors read it on the right of a product: 64 columns at a time,
//   out[c / 64][r][c % 64]
// with zeros for rows up to a multiple of 16 and columns up to one of 64.

#include "runtime/kernels/matrix.hpp"

namespace coil::kernels {

// Of a matrix whose element (r, c) is in[r * columns + c] to `rows`, and of its transpose to `columns`; a null is not
// wanted.
void lay_both(const float* in, float* rows, float* columns, Extent extent);

}  // namespace coil::kernels
