#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Gives products what oneDNN can do behind them:
//   matmul + row          -> fused_matmul with bias      row: real[n] against a result of n columns
//   product + x           -> fused_matmul with addend    x of the product's own type
//   f(product)            -> fused_matmul with f         f: relu, tanh, sigmoid, hard_sigmoid
// and of a sum of many one row as the bias, the others, added up, as the addend; where the product has no other
// user, and nothing that comes later in activation(a @ b + bias + addend) was fused already.
Graph fuse_post_ops(const Graph& graph);

}  // namespace coil
