#pragma once

#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

// What a value is used for, as far as layouts care.
struct Uses {
  bool multiplied = false;  // x @ value
  bool looked_up = false;   // the table of a gather
  bool otherwise = false;   // anything else

  void add(const Uses& more);
};

// Of the first result of each node, the bodies of scans included.
std::vector<Uses> uses_in(const Graph& graph);

}  // namespace coil
