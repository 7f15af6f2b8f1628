#pragma once

// Reals of eight significant bits, as processors multiply them: a bf16 is the upper half of a float's bits.

#include <cstdint>

namespace coil::kernels {

using Bf16 = std::uint16_t;

// out[i] = the bf16 nearest to in[i], of two as near the one whose last bit is zero. NaN stays NaN.
void round_to_bf16(const float* in, Bf16* out, std::int64_t size);

// out[i] = in[i], exactly.
void widen_bf16(const Bf16* in, float* out, std::int64_t size);

}  // namespace coil::kernels
