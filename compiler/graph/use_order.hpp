#pragma once

#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

// The nodes that outputs need, depth first from the outputs in their order, operands before users; after
// a gradient or an update the leaf that it belongs to.
// Iterative: a graph may be a chain of any length.
std::vector<NodeId> use_order(const Graph& graph);

}  // namespace coil
