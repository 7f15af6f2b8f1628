#pragma once

// Matrix products whose bits do not depend on the number of threads.
//
// Without AVX-512 oneDNN multiplies by a general routine that divides the result among the threads it finds,
// and an element's last bit depends on where in such a part it lies. So here the parts are fixed by the
// shape alone, and each is computed by one thread: with two threads the same parts run side by side.

#include "runtime/onednn/lowering.hpp"

namespace coil::onednn {

// A product [m x k] @ [k x n]; where each operand begins, and whether it lies transposed.
struct PanelProduct {
  std::int64_t m, k, n;
  bool transpose_a, transpose_b;
  bool sum_dst;  // dst holds an addend
  float *src, *weights, *dst;
  float* bias;  // null without
};

// Whether oneDNN chose that routine.
bool wants_panels(const dnnl::matmul::primitive_desc& descriptor);

// Runs all panels.
std::function<void()> lower_panels(const PanelProduct& product, Workshop& shop);

}  // namespace coil::onednn
