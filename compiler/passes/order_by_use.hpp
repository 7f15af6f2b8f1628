#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Puts the nodes in one order whatever order they were built in: inputs by position, then depth first
// from the outputs, operands before users. Two texts of one computation then print the same.
// What no output needs, but for inputs, is left behind.
Graph order_by_use(const Graph& graph);

}  // namespace coil
