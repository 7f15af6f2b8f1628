#include "compiler/graph/rewriter.hpp"

#include "compiler/source/internal_error.hpp"

namespace coil {

Rewriter::Rewriter(const Graph& from) : from_(from), build_(to_), map_(from.size()) {
  build_.reserve(from.size());
  for (NodeId id = 0; id < from.size(); ++id) map_[id].resize(from.node(id).types.size());
}

Value Rewriter::mapped(Value old) const {
  const auto& value = map_.at(old.node).at(old.result);
  require(value.has_value(), "node {} is used before a pass placed it", old.node);
  return *value;
}

std::vector<Value> Rewriter::mapped(const std::vector<Value>& old) const {
  std::vector<Value> values;
  values.reserve(old.size());
  for (Value value : old) values.push_back(mapped(value));
  return values;
}

NodeId Rewriter::keep(NodeId old) { return keep(old, from_.node(old).attributes); }

NodeId Rewriter::keep(NodeId old, Attributes attributes) {
  const Node& node = from_.node(old);
  build_.at(node.place);
  const NodeId id =
      record(node.op).trait.value == Trait::leaf
          ? build_.leaf(node.op, std::move(attributes), node.types[0]).node
          : build_.node(node.op, std::move(attributes), mapped(node.operands));
  for (std::uint32_t i = 0; i < node.types.size(); ++i) replace({old, i}, {id, i});
  return id;
}

void Rewriter::replace(Value old, Value value) {
  // Not `require`: types are put into words where they differ only.
  if (from_.type(old) != to_.type(value))
    throw InternalError(fmt::format("{} replaced by {}", to_string(from_.type(old)),
                                    to_string(to_.type(value))));
  map_.at(old.node).at(old.result) = value;
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
