#pragma once

#include "runtime/kernels/matrix.hpp"

namespace coil::kernels {

enum class Binary { add, subtract, multiply, divide };

// How the operands of an [rows x columns] result are laid out.
enum class Broadcast {
  none,          // left and right are both [rows x columns]
  right_scalar,  // right is one float
  left_scalar,   // left is one float
  right_row,     // right is [columns], used for every row
};

// out = left op right, `out` is [rows x columns]. `out` may be an operand of its own size, and
// otherwise overlaps nothing. IEEE arithmetic: NaN stays, x / 0 is an infinity, 0 / 0 is NaN.
void binary(Binary op, Broadcast form, const float* left, const float* right, float* out,
            Extent extent);

}  // namespace coil::kernels
