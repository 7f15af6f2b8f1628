#pragma once

#include <optional>
#include <vector>

#include "compiler/graph/builder.hpp"
#include "compiler/graph/op_record.hpp"

namespace coil {

// A pass reads one graph and writes another: only this class maps old values to new ones. For each old
// node, in order, a pass calls `keep` (the same op over the new operands) or `replace` (something else).
// The order of the old graph is the order of the new one, so a node can only refer backwards.
class Rewriter {
 public:
  explicit Rewriter(const Graph& from);

  const Graph& from() const { return from_; }
  Builder& build() { return build_; }

  Value mapped(Value old) const;
  std::vector<Value> mapped(const std::vector<Value>& old) const;

  // Copies a node. Returns the new node.
  NodeId keep(NodeId old);
  // Copies a node with other attributes, which leave its type as it is.
  NodeId keep(NodeId old, Attributes attributes);
  // The old node's result number `result` becomes `value`.
  void replace(Value old, Value value);

  // The new graph with the old outputs, layers and name. Nodes without users stay: eliminate_dead's work.
  Graph finish();

 private:
  std::size_t place_of(Value old) const;
  NodeId placed(NodeId old, NodeId id);

  const Graph& from_;
  Graph to_;
  Builder build_;
  std::vector<std::size_t> first_;         // by old node, where its results stand in map_
  std::vector<std::optional<Value>> map_;  // old results to new values
};

}  // namespace coil
