#include "compiler/graph/builder.hpp"

#include <xxhash.h>

#include "compiler/graph/digest.hpp"
#include "compiler/graph/op_record.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

// Equal nodes have equal digests; names count, since leaves are told apart by them.
std::uint64_t digest_of(const Node& node) {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(node.op));
  digest_attributes(digest, node.attributes, NamesIn::digest);
  for (const Type& type : node.types) digest_type(digest, type);
  for (Value operand : node.operands) {
    digest.add(operand.node);
    digest.add(operand.result);
  }
  return digest.finish()[0];
}

std::vector<Type> types_of(const Graph& graph, const std::vector<Value>& operands) {
  std::vector<Type> types;
  types.reserve(operands.size());
  for (Value operand : operands) types.push_back(graph.type(operand));
  return types;
}

Inferred infer(const Graph& graph, Op op, const Attributes& attributes,
               const std::vector<Value>& operands) {
  const OpRecord& rules = record(op);
  const Arity arity = rules.arity.value;
  if (attributes.index() != rules.attributes.value)
    return {{}, fmt::format("{} carries other attributes", rules.name.value)};
  if (operands.size() < arity.least || operands.size() > arity.most)
    return {{},
            fmt::format("{} takes {} operands, not {}", rules.name.value, arity.least,
                        operands.size())};
  return rules.infer.value(types_of(graph, operands), attributes);
}

}  // namespace

std::string Builder::why_not(Op op, const Attributes& attributes,
                             const std::vector<Value>& operands) const {
  return infer(graph_, op, attributes, operands).error;
}

Value Builder::leaf(Op op, Attributes attributes, Type type) {
  require(record(op).trait.value == Trait::leaf, "{} is no leaf", to_string(op));
  return {intern({op, std::move(attributes), {}, {std::move(type)}, place_}), 0};
}

NodeId Builder::node(Op op, Attributes attributes, std::vector<Value> operands) {
  Inferred inferred = infer(graph_, op, attributes, operands);
  require(inferred.error.empty() && !inferred.types.empty(), "{}: {}", to_string(op),
          inferred.error);
  return intern(
      {op, std::move(attributes), std::move(operands), std::move(inferred.types), place_});
}

NodeId Builder::same_node(const Node& node, std::vector<Value> operands) {
  return intern({node.op, node.attributes, std::move(operands), node.types, place_});
}

Value Builder::add(Op op, std::vector<Value> operands, Attributes attributes) {
  return {node(op, std::move(attributes), std::move(operands)), 0};
}

Value Builder::constant(double value, Shape shape) {
  return leaf(Op::constant, ConstantAttributes{value}, {Element::real, std::move(shape)});
}

NodeId Builder::intern(Node node) {
  const std::uint64_t digest = digest_of(node);
  auto [first, last] = known_.equal_range(digest);
  for (auto it = first; it != last; ++it) {
    const Node& other = graph_.node(it->second);
    if (other.op == node.op && other.operands == node.operands && other.types == node.types &&
        other.attributes == node.attributes)
      return it->second;
  }
  const NodeId id = graph_.append(std::move(node));
  known_.emplace(digest, id);
  return id;
}

Value sum_back(Builder& build, Value value, const Shape& shape) {
  if (build.type(value).shape == shape) return value;
  return build.add(Op::sum_to, {value}, ShapeAttributes{shape});
}

}  // namespace coil
