#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Removes what no output needs. Inputs stay: they are what the caller may feed. So does the weight or state
// that a gradient or an update belongs to. A scan keeps the results that are used, and its body what those
// need:
//   scan(xs, h, s, k) with  h' = f(h, x), s' = g(s, k)   ->   scan(xs, h) with  h' = f(h, x)     s unused
Graph eliminate_dead(const Graph& graph);

}  // namespace coil
