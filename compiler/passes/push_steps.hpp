#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// A step of a sequence is taken of what its rows are found by:
//
//   gather(T, i)[t]  ->  gather(T, i[t])
//   x[.., c][t]      ->  x[t][.., c]       c columns, along the last dimension
Graph push_steps(const Graph& graph);

}  // namespace coil
