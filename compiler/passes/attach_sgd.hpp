#pragma once

#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// Turns gradients into updates: one sgd node over all weights, its velocities new states, and new scalar inputs: the
// learning rate, the momentum, the largest norm and the decay. The gradients' norm becomes an output.
Graph attach_sgd(const Graph& graph);

// The state that holds a weight's velocity.
std::string velocity_name(const std::string& weight);

}  // namespace coil
