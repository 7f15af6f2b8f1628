#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Brings together what belongs side by side:
//
//   concat(a, 0) + concat(0, b)  ->  concat(a, b)
//
//   concat(stack(a, c), stack(b, d))  ->  stack(concat(a, b), concat(c, d))
//
// The first along one dimension, where no two operands have something in one place. This is what the gradient of a value that
// was used in parts looks like. The second for stacks of steps that stand side by side along the last dimension: the
// steps' own products want them side by side too.
Graph join_parts(const Graph& graph);

}  // namespace coil
