#pragma once

#include <optional>
#include <vector>

#include "compiler/graph/builder.hpp"

namespace coil {

// Reverse-mode differentiation of a graph that is being added to: gradients flow from where they are put to
// everything before it that `depends` marks, by the gradient rules of the ops' records.
class Backward {
 public:
  // Of the nodes that the graph has now; `depends` says which of them need a gradient.
  Backward(Builder& build, std::vector<bool> depends);

  // A part of the gradient of `value`; parts are summed.
  void add(Value value, Value part);

  // From the last node to the first.
  void run();

  const std::vector<Value>& parts(Value value) const { return parts_[value.node][value.result]; }
  // The sum of the parts; nothing where there are none.
  std::optional<Value> gradient(Value value);

 private:
  Builder& build_;
  std::vector<bool> depends_;
  std::vector<std::vector<std::vector<Value>>> parts_;
};

// The nodes that some node of `sources` is seen through, itself among them.
std::vector<bool> dependents(const Graph& graph, std::vector<bool> sources);

}  // namespace coil
