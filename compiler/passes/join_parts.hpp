#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// A sum of values that are zero where the others are not is those values side by side:
//
//   concat(a, 0) + concat(0, b)  ->  concat(a, b)
//
// along one dimension, where no two operands have something in one place. This is what the gradient of a value that
// was used in parts looks like.
Graph join_parts(const Graph& graph);

}  // namespace coil
