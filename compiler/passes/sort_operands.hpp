#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Puts the operands of sums and products, and what scans are given, carry and yield, into an order that
// depends on nothing but the computation: by colour (colours.hpp). In a sum or product matrix products come
// first, then what has the result's shape, then what is repeated, then numbers, which suits the lowering.
// Values of one colour stay in the order that they have: they can take each other's places.
Graph sort_operands(const Graph& graph);

}  // namespace coil
