#pragma once

#include "compiler/graph/graph.hpp"

#include "tests/support/rng.hpp"

namespace coil::test {

// One scan over leaves, every result of it an output: one to three carries, up to two sequences, captures
// with and without a batch, either direction, one to four steps, and a random smooth body. Bodies pass values
// through, yield a value twice, leave operands unused and use captures several times.
Graph random_scan(Rng& rng);

// The same with a scan in the body.
Graph random_nested_scan(Rng& rng);

// A model around scans: indices looked up in a table, or real inputs, or parts of them stacked; one or two
// scans on each other; a state carried in and updated; results of every kind.
Graph random_recurrent_graph(Rng& rng);

// The same, with one output that can be trained: softmax over [batch, classes] or [batch, steps, classes].
Graph random_trainable_recurrence(Rng& rng);

}  // namespace coil::test
