#pragma once

#include <cstdint>

#include "runtime/kernels/matrix.hpp"

namespace coil::kernels {

// Cross-entropy of the softmax of `logits` [rows x classes] against one class a row, natural log:
//
//   loss_i = log(sum over k of e^(x_ik - m)) + m - x_it,  t = target[i],  m = the row's largest
//          = log1p(sum without one of the largest terms) + (m - x_it)
//
// Both terms of the second form are positive, so a loss near 0 keeps its relative accuracy. Loss
// and gradient lie within 1e-5 of the formula in double precision, of which the rounding of x - m
// makes up to 4e-6 for terms near e^-87; what is below e^-87.3 = 1.2e-38 counts as 0.
//
// losses[i] = loss_i, [rows]. The result is the mean of the losses, added in double precision in a
// fixed order; of no rows it is NaN.
//
// A row that holds NaN or +inf, or -inf only, has loss NaN. -inf at the target beside finite values
// gives loss +inf. The mean hides neither. Targets must lie in [0, classes) (check_indices).
double softmax_cross_entropy(ConstMatrix logits, const std::int32_t* target, float* losses);

// The same, and gradient = (softmax(logits) - onehot(target)) / rows, [rows x classes], the
// gradient of the mean; it may be logits.data. A row whose loss is NaN has a gradient of NaN only.
double softmax_cross_entropy(ConstMatrix logits, const std::int32_t* target, float* losses,
                             float* gradient);

}  // namespace coil::kernels
