#pragma once

// Whole numbers from -127 to 127, each standing for so many times a scale.

#include <cstdint>

#include "runtime/kernels/matrix.hpp"

namespace coil::kernels {

// out[i] = the whole number nearest to in[i] / scale, of two as near the even one; past the largest is the largest.
// False where a NaN was among them; zero stands in its place.
bool to_int8(const float* in, std::int8_t* out, std::int64_t size, float scale);

// The same of each column [rows x columns] by a scale of its own. A NaN becomes zero in silence: its scale is none.
void to_int8_columns(const float* in, const float* scales, std::int8_t* out, Extent extent);

// Of each column: its largest magnitude / 127; one where that is zero or denormal, NaN where the column has one.
void column_scales(const float* in, float* scales, Extent extent);

// out[i] = in[i], exactly.
void widen_int8(const std::int8_t* in, float* out, std::int64_t size);

}  // namespace coil::kernels
