#pragma once

#include "compiler/graph/graph.hpp"

#include "tests/support/rng.hpp"

namespace coil::test {

// The same computation, written otherwise. None of them shares nodes that were apart before.

// Other names of graph, leaves, outputs of kind result; other initial values; no places.
Graph renamed(const Graph& graph);
// Nodes in another order, operands still before their users.
Graph reordered(const Graph& graph, Rng& rng);
// Operands of commutative ops changed places, at random.
Graph swapped(const Graph& graph, Rng& rng);

// Whether some commutative op has two operands of equal structure that are not one value: their order is
// then the text's (see StructuralHashes).
bool has_ties(const Graph& graph);

}  // namespace coil::test
