#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

// A colour for each value by what it is computed from and by what uses it, so that values of equal colours
// can take each other's places (or nearly so: this is colour refinement, which tells apart all but rare
// regular graphs). Names, places and the order of nodes and of commutative operands have no part in it. A
// graph and the bodies of its scans are coloured together: a body's input is what the scan is given there,
// and a scan's result is what its body computes. No two scans share a body (in memory; equal ones they may have).
class Colours {
 public:
  explicit Colours(const Graph& graph);

  // Of a value of the graph, or of a body in it: first what it is without any sizes, so that an order by
  // colour is the same at every size and trip count, then with them.
  std::pair<std::uint64_t, std::uint64_t> of(const Graph& graph, Value value) const;

 private:
  struct Edge {
    std::uint32_t point = 0;
    std::uint64_t tag = 0;  // which operand or result, where that matters
  };
  struct Point {
    std::uint64_t label = 0;  // with sizes
    std::uint64_t shape = 0;  // and without
    std::vector<Edge> operands;
    std::vector<Edge> users;
  };

  void add_points(const Graph& graph);
  void add_edges(const Graph& graph);
  void add_body_edges(const Graph& graph, const Node& node);
  Edge resolve(const Graph& graph, Value value) const;
  void link(std::uint32_t user, Edge operand, std::uint64_t tag);
  void mark(std::uint32_t point, std::uint64_t tag);
  std::vector<std::uint64_t> refined(std::vector<std::uint64_t> colours) const;

  std::map<const Graph*, std::uint32_t> first_;  // the point of a graph's first node
  std::vector<Point> points_;
  std::vector<std::uint64_t> shapes_, colours_;  // by point
};

}  // namespace coil
