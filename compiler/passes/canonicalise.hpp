#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Simplifies the algebra, one node at a time; scans keep their bodies.
//   sums       x + 0 -> x       a - b -> a + (-b)   -(-x) -> x      f(c) -> the number, f element-wise
//   products   x * 1 -> x       x * 0 -> 0          (-x) * y -> -(x * y)        x / 1 -> x
//              0 @ W -> 0       concat(x, h) @ V -> x @ V[0 : x, :] + h @ V[x : x + h, :]
//              x @ W + h @ W -> (x + h) @ W
//   parts      x[0 : all] -> x  x[a : b][c : d] -> x[a + c : a + d]             stack(x0, x1, ..)[t] -> xt
//              concat(x, y)[a : b] -> parts of x and y                          concat(x[a : b], x[b : c]) -> x[a : c]
// A rewrite holds where the result has the type of what takes its place (a broadcast is no identity).
// `x * 0` and `0 @ W` take what a model computes to be finite.
Graph canonicalise(const Graph& graph);

}  // namespace coil
