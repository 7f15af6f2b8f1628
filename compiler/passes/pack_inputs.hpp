#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Inputs that are read as a sequence become one:
//   stack(c1, c2, c3) -> c1..c3      where c1, c2, c3 are inputs of one type, one after the other in the text
// Rows that overlap become one sequence, which takes in the alike inputs beside it that nobody uses
// or that are used as it is. So do inputs side by side that go into one weight: gather(T, c1), gather(T, c2).
// Whatever else uses c2 takes it from there. Graph::parts keeps the names that people feed.
Graph pack_inputs(const Graph& graph);

}  // namespace coil
