#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Writes every scan out, step after step:
//   scan(x.., h.., k..) -> (h_n.., stack(y_0 .. y_n-1)..)   where
//   h_0 = h and (h_t+1.., y_t..) = body(x[t].., h_t.., k..)
// In reverse, step n-1 comes first; y_t stands at t all the same. An element that is at hand is taken as it is:
//   slice(stack(a_0 .. a_n), t) -> a_t       slice(concat(a, b), t) -> slice of a or b
//   slice(c, t) -> c                         of a constant
// RunError (usage) where more than `most_unrolled_nodes` would come of it.
Graph unroll(const Graph& graph);

inline constexpr std::size_t most_unrolled_nodes = 4'000'000;

}  // namespace coil
