#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Sums and products of two operands, and differences, which is what is lowered:
//   a + b + c -> (a + b) + c       a + (-b) -> a - b       (-a) + (-b) -> -(a + b)       and so for products
// in the order of the operands, but that a sum starts with one that is not negated. Flat graphs only.
Graph pair_operands(const Graph& graph);

}  // namespace coil
