#pragma once

#include <unordered_map>

#include "compiler/graph/graph.hpp"

namespace coil {

// Adds nodes to a graph, hash-consed: asked twice for the same op, attributes and operands it gives the
// same node. It infers types; operands that do not fit are an InternalError, since whoever builds from
// a person's text asks `why_not` first.
class Builder {
 public:
  explicit Builder(Graph& graph) : graph_(graph) {}

  // For about as many nodes.
  void reserve(std::size_t nodes) { known_.reserve(nodes); }

  Graph& graph() { return graph_; }
  const Type& type(Value value) const { return graph_.type(value); }

  // Nodes added from now on carry this place.
  void at(Place place) { place_ = place; }
  Place place() const { return place_; }

  // The reason why the op does not take these operands; empty where it does.
  std::string why_not(Op op, const Attributes& attributes,
                      const std::vector<Value>& operands) const;

  Value leaf(Op op, Attributes attributes, Type type);
  NodeId node(Op op, Attributes attributes, std::vector<Value> operands);
  // A node that stood in another graph, over operands of the types that it had there: nothing is inferred again.
  NodeId same_node(const Node& node, std::vector<Value> operands);
  // The node's only (or first) result.
  Value add(Op op, std::vector<Value> operands, Attributes attributes = NoAttributes{});
  Value constant(double value, Shape shape = {});

 private:
  NodeId intern(Node node);

  Graph& graph_;
  Place place_;
  std::unordered_multimap<std::uint64_t, NodeId> known_;
};

// A graph's value as one of `shape`, summing or repeating as broadcasting did.
Value sum_back(Builder& build, Value value, const Shape& shape);

}  // namespace coil
