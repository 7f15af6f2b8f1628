#include "compiler/graph/rewriter.hpp"

#include "compiler/source/internal_error.hpp"

namespace coil {

Rewriter::Rewriter(const Graph& from) : from_(from), build_(to_) {
  build_.reserve(from.size());
  first_.reserve(from.size());
  std::size_t results = 0;
  for (const Node& node : from.nodes()) {
    first_.push_back(results);
    results += node.types.size();
  }
  map_.resize(results);
}

std::size_t Rewriter::place_of(Value old) const {
  require(old.result < from_.node(old.node).types.size(), "node {} has no result {}", old.node,
          old.result);
  return first_.at(old.node) + old.result;
}

Value Rewriter::mapped(Value old) const {
  const auto& value = map_[place_of(old)];
  require(value.has_value(), "node {} is used before a pass placed it", old.node);
  return *value;
}

std::vector<Value> Rewriter::mapped(const std::vector<Value>& old) const {
  std::vector<Value> values;
  values.reserve(old.size());
  for (Value value : old) values.push_back(mapped(value));
  return values;
}

// Values are replaced by values of their type, so the node's own is what it was.
NodeId Rewriter::keep(NodeId old) {
  const Node& node = from_.node(old);
  build_.at(node.place);
  return placed(old, build_.same_node(node, mapped(node.operands)));
}

NodeId Rewriter::keep(NodeId old, Attributes attributes) {
  const Node& node = from_.node(old);
  build_.at(node.place);
  return placed(old, record(node.op).trait.value == Trait::leaf
                         ? build_.leaf(node.op, std::move(attributes), node.types[0]).node
                         : build_.node(node.op, std::move(attributes), mapped(node.operands)));
}

NodeId Rewriter::placed(NodeId old, NodeId id) {
  for (std::uint32_t i = 0; i < from_.node(old).types.size(); ++i) replace({old, i}, {id, i});
  return id;
}

void Rewriter::replace(Value old, Value value) {
  // Not `require`: types are put into words where they differ only.
  if (from_.type(old) != to_.type(value))
    throw InternalError(
        fmt::format("{} replaced by {}", to_string(from_.type(old)), to_string(to_.type(value))));
  map_[place_of(old)] = value;
}

Graph Rewriter::finish() {
  to_.name = from_.name;
  to_.layers = from_.layers;
  to_.parts = from_.parts;
  for (const Output& output : from_.outputs)
    to_.outputs.push_back({output.name, mapped(output.value), output.kind});
  return std::move(to_);
}

}  // namespace coil
