#pragma once

#include "compiler/graph/graph.hpp"

#include "tests/support/rng.hpp"

namespace coil::test {

// The same computation, written otherwise. None of them shares nodes that were apart before.

// Other names of graph, leaves, outputs of kind result; other initial values; no places.
Graph renamed(const Graph& graph);
// Nodes in another order, operands still before their users; in the bodies of scans too.
Graph reordered(const Graph& graph, Rng& rng);
// Operands of commutative ops changed places, at random, in the bodies of scans too.
Graph swapped(const Graph& graph, Rng& rng);

}  // namespace coil::test
