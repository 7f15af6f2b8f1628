#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Makes equal nodes one: same op, attributes, types and operands. Building is hash-consed, so that this
// is a copy.
Graph share_common(const Graph& graph);

}  // namespace coil
