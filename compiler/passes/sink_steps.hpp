#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// A step of a sequence is computed from that step of what the sequence is computed of, by ops that work step by step:
//
//   f(x, y)[t]    ->  f(x[t], y[t])     f element by element; what all steps share stays
//   (x @ W)[t]    ->  x[t] @ W
//   gather(T, i)[t], softmax(x)[t], x[.., c][t], concat(x, y)[t]   in the same way
//   stack(x, y)[t]  ->  x or y
//
// It undoes what `hoist` did, in a graph without scans.
Graph sink_steps(const Graph& graph);

}  // namespace coil
