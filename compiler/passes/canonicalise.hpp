#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Simplifies the algebra and puts the operands of commutative ops in structural order:
//   x + 0 -> x      x - 0 -> x      0 - x -> neg(x)     neg(neg(x)) -> x
//   x * 1 -> x      x / 1 -> x      0 @ W -> 0          a + b -> b + a  where b < a
//   f(c)  -> f of the number, for element-wise f over constants
// A rewrite holds where the result has the type of what takes its place (a broadcast is no identity).
// `0 @ W -> 0` takes weights to be finite.
Graph canonicalise(const Graph& graph);

}  // namespace coil
