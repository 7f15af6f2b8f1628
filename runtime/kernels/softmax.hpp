#pragma once

#include "runtime/kernels/matrix.hpp"

namespace coil::kernels {

// out[i, j] = e^(in[i, j] - m_i) / sum over k of e^(in[i, k] - m_i), where m_i is the largest of
// row i. `out` has the extent of `in` and may be in.data.
//
// A NaN or +inf anywhere in a row makes the whole row NaN, and so does a row of -inf only. Beside
// finite values -inf means probability 0.
void softmax(ConstMatrix in, float* out);

}  // namespace coil::kernels
