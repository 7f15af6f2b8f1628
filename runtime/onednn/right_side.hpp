#pragma once

// The right sides of products, in the layout that is multiplied fastest.

#include "runtime/onednn/lowering.hpp"

namespace coil::onednn {

// The right side [k x n] of a node's product: its second operand, which lies [n x k] where it is `transposed`.
struct RightSide {
  Value value;
  float* data;
  std::int64_t k, n;
  bool transposed;

  memory::desc as_it_lies() const { return transposed ? onednn::transposed(k, n) : plain(k, n); }
};
RightSide right_side(const NodeView& view, std::int64_t k, std::int64_t n, bool transposed);

// Where oneDNN multiplies by its general routine: transposed, where that is worth a copy, which that routine reads up to
// twice as fast; null where it is not.
float* turned(const RightSide& right, Workshop& shop);

// The same values laid out as `best`, which any_format led to; where that is not worth a copy, as they lie. A weight
// that no run changes is copied once for all programs, what is computed of such weights once for this one, and what is
// used often in a run in each run: oneDNN would copy it at every use.
memory laid_out(const RightSide& right, const memory::desc& best, Workshop& shop);

}  // namespace coil::onednn
