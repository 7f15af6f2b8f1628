#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Gives every dropout the numbers that its mask is a function of, two new scalar inputs; a scan hands them to its
// body:
//   dropout(x) -> dropout(x, train.seed, train.step)
// A graph without dropout is left as it is, and has no such inputs.
Graph attach_dropout(const Graph& graph);

}  // namespace coil
