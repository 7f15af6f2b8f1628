#pragma once

namespace coil {

// The bf16 number nearest to x, of two as near the one whose last bit is zero: a sign, eight bits of exponent and
// eight significant ones. Past the largest is an infinity, NaN stays NaN, and what is too small for a normal number
// has fewer bits.
double nearest_bf16(double x);

}  // namespace coil
