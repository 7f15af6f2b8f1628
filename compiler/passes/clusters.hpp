#pragma once

#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

// Which nodes of a graph can be computed element by element together.
struct Clusters {
  static constexpr std::size_t none = ~std::size_t{0};
  std::vector<std::size_t> of;               // by node: its cluster, or none
  std::vector<std::vector<NodeId>> members;  // of each, in the graph's order
  // By node: whether it is a gather whose rows only nodes that can be members read, element by element.
  std::vector<bool> is_read_by_row;
};

// Two nodes are in one cluster only if every path between them stays in it, so that a cluster can be one node.
Clusters find_clusters(const Graph& graph);

}  // namespace coil
