#pragma once

#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

// By node, whether its results are the same in every run for as long as nobody but the graph changes a weight:
// constants, weights that no output updates, and what is computed of these alone.
std::vector<bool> find_staying(const Graph& graph);

}  // namespace coil
