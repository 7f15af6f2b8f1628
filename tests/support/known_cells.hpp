#pragma once

#include "compiler/graph/graph.hpp"

#include "tests/support/rng.hpp"

namespace coil::test {

struct KnownCells {
  Graph graph;
  std::size_t scans = 0;
  std::size_t native = 0;  // those of them that oneDNN has as a primitive
};

// A model of one or two layers, each a well-known cell: its gates with none, one or two biases, carries in any order,
// first values of every kind, one weight as both kernels; a table looked up, or real inputs. Some cells run the other
// way round, or have functions that oneDNN's have not. One output, softmax over [batch, classes] or
// [batch, steps, classes], and updates of the states.
KnownCells random_known_cells(Rng& rng);

}  // namespace coil::test
