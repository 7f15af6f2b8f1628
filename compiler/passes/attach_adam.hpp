#pragma once

#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// Turns gradients into updates: one adam node over all weights, its moments new states, and new scalar inputs: the
// learning rate, the number of the update (from 1, since the moments were zero), the largest norm and the decay.
// The gradients' norm becomes an output.
Graph attach_adam(const Graph& graph);

// The states that hold a weight's moments.
std::string mean_name(const std::string& weight);
std::string variance_name(const std::string& weight);

}  // namespace coil
