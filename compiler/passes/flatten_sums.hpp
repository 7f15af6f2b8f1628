#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// One spelling of each sum and product, in the graph and in the bodies of its scans:
//   (a + b) + c -> a + b + c           (a * b) * c -> a * b * c         -(a + b) -> (-a) + (-b)
//   x @ W + h @ W -> (x + h) @ W       where x and h are of one type
//   x + y + (-x) -> 0 + y              0 of the shape of x; takes values to be finite
// Sums inside of sums are opened whoever else uses them, up to `most_flat_terms` terms: what a text
// calls by a name of its own makes no difference.
inline constexpr std::size_t most_flat_terms = 64;
Graph flatten_sums(const Graph& graph);

}  // namespace coil
