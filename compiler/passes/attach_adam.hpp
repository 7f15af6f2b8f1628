#pragma once

#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// Turns gradients into updates: one adam node over all weights, its moments new states, its learning
// rate and step number (from 1) new scalar inputs.
Graph attach_adam(const Graph& graph);

// The states that hold a weight's moments.
std::string mean_name(const std::string& weight);
std::string variance_name(const std::string& weight);

}  // namespace coil
