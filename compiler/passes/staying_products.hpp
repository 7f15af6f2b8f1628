#pragma once

#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

// The products that int8 is for: what changes from run to run by a right side that stays, so that the latter is turned
// into whole numbers once. Right sides are as they lie, since their columns are scaled, and short enough for sums in 32
// bits.
class StayingProducts {
 public:
  explicit StayingProducts(const Graph& graph);

  bool has(NodeId id) const;
  // The leaves of weights that the right side is made of, in the order of their names; none for constants alone.
  std::vector<std::string> leaves_under(NodeId id) const;

 private:
  const Graph& graph_;
  std::vector<bool> stays_;
};

}  // namespace coil
