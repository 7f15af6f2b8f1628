#pragma once

#include <cstdint>

namespace coil::kernels {

enum class Unary {
  tanh,
  sigmoid,       // 1 / (1 + e^-x)
  hard_sigmoid,  // 0.2 x + 0.5 held to [0, 1] (Keras before version 3)
  relu,          // x where x > 0, else 0; NaN where x is NaN
  exp,           // +inf above 88.72
  log,           // -inf at 0, NaN below
};

// out[i] = op(in[i]); out may be in. NaN gives NaN in each of them.
//
// Largest errors measured against double precision, over every 1999th float with SSE4, AVX2 and
// AVX-512, in units in the last place of a normal result:
//
//   tanh 2.5 (near 0 too), sigmoid 2.2, exp 1.0, log 0.9, relu exact,
//   hard_sigmoid 1e-7 absolute (next to x = -2.5 its sum cancels)
//
// sigmoid gives 0 where the result would be denormal (x < -87.3); exp gives denormals.
void unary(Unary op, const float* in, float* out, std::int64_t size);

// out[i] = scale * in[i] + offset; out may be in. Fused (rounded once) where the processor has FMA.
void affine(float scale, float offset, const float* in, float* out, std::int64_t size);

}  // namespace coil::kernels
