#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Reverse-mode differentiation of the output `loss` by every weight: for each, an output of kind
// `gradient` under the weight's name. Each node adds its part by the gradient rule of its op's record;
// parts of one value are summed. A weight that the loss does not see gets zeros.
Graph differentiate(const Graph& graph);

}  // namespace coil
