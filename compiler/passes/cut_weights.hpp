#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// A weight that is only used in parts becomes a weight for each part, a piece of the stored one:
//   W[:, 0 : 4], W[:, 4 : 8] -> W0, W1        where no two parts overlap
// so that one wide kernel, four narrow ones and one over a concatenation are the same weights here.
Graph cut_weights(const Graph& graph);

}  // namespace coil
