#pragma once

#include "compiler/graph/graph.hpp"
#include "compiler/passes/load.hpp"

namespace coil {

// Products by weights, in whole numbers, with their scales behind them:
//
//   matmul(x, W)  ->  mul(matmul(to_int8(x){r}, to_int8_columns(W, s)), mul(s, r))   with s = column_scales(W)
//
// where the range of x is known for every leaf under W (Load::ranges, whose largest / 127 is r); others stay reals.
// What is made of W alone stays from run to run. The scales are an element-wise op like others, which fuse_elementwise
// takes into what reads the product.
//
// Changes what a graph computes, by half a step of each side, and by more where x leaves its range. Flat graphs only.
Graph quantize_products(const Graph& graph, const Load& load);

}  // namespace coil
