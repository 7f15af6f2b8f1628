#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Removes what no output needs. Inputs stay: they are what the caller may feed. So does the weight or state
// that a gradient or an update belongs to.
Graph eliminate_dead(const Graph& graph);

}  // namespace coil
