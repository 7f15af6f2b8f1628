#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Weights that only serve side by side become one leaf, whatever cut them or wrote them apart:
//
//   concat(V, W)  ->  V | W, a joint of V and W
//
// where nothing else uses V or W. They are learnt as one then: they are not put side by side anew in each step of
// training, nor is their gradient taken apart. The order stays, so that nothing is computed in another one.
Graph join_weights(const Graph& graph);

}  // namespace coil
