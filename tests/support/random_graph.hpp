#pragma once

#include "compiler/graph/graph.hpp"

#include "tests/support/rng.hpp"

namespace coil::test {

// A random graph over the ops that models are made of, not in canonical form: zeros and ones to simplify,
// equal subgraphs, dead nodes, values used several times, unused inputs. All its values stay finite for
// feeds of random_feeds without ranges. One to three outputs.
Graph random_graph(Rng& rng);

// The same, with one output that can be trained: softmax over [batch, classes].
Graph random_trainable_graph(Rng& rng);

// Three characters in, the fourth predicted: a tied recurrence over an embedding 7x3, hidden 5.
Graph char3_graph();

}  // namespace coil::test
