#include "compiler/graph/verify.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "compiler/graph/op_record.hpp"
#include "compiler/graph/verify_names.hpp"

namespace coil {
namespace {

using Reason = std::optional<std::string>;

bool exists(const Graph& graph, Value value, NodeId before) {
  return value.node < before && value.result < graph.node(value.node).types.size();
}

// Only `uniform` has a limit; some need dimensions to start from.
Reason check_initializer(const Initializer& initializer, const Shape& shape) {
  if (initializer.kind == InitializerKind::orthogonal && shape.rank() != 2)
    return fmt::format("orthogonal is for matrices, not {}", to_string(shape));
  if (initializer.kind == InitializerKind::glorot_uniform && shape.is_scalar())
    return "glorot_uniform is not for scalars";
  const double limit = initializer.limit;
  const bool is_uniform = initializer.kind == InitializerKind::uniform;
  if (is_uniform ? limit > 0 && limit < 1e6 : limit == 0) return std::nullopt;
  return fmt::format("{} does not start within {}", to_string(initializer.kind), limit);
}

Reason check_leaf(const Node& node) {
  if (node.types.size() != 1) return "a leaf has one result";
  const Type& type = node.types[0];
  if (auto why = why_invalid(type.shape)) return why;
  if (node.op == Op::input) {
    const auto& input = std::get<InputAttributes>(node.attributes);
    if (is_for_products(type.element)) return "an input is fed reals or indices";
    const bool is_index = type.element == Element::index;
    if (is_index && (input.bound < 1 || input.bound > largest_value))
      return fmt::format("input '{}' counts to {}", input.name.text, input.bound);
    if (!is_index && input.bound != 0) return "only an index has a bound";
    return std::nullopt;
  }
  if (type.element != Element::real) return fmt::format("{} holds reals", to_string(node.op));
  if (const Joint* joint = joint_of(node)) {
    if (type.shape.is_batched()) return "a joint has no batch";
    if (auto why = why_no_joint(*joint, type.shape)) return why;
  }
  if (node.op != Op::weight) return std::nullopt;
  if (type.shape.is_batched()) return "a weight has no batch";
  const auto& weight = std::get<WeightAttributes>(node.attributes);
  if (auto why = why_no_piece(weight.piece, type.shape)) return why;
  return check_initializer(weight.initializer,
                           weight.piece.of.empty() ? type.shape : weight.piece.whole);
}

Reason check_types(const Graph& graph, const Node& node) {
  std::vector<Type> operands;
  for (Value operand : node.operands) operands.push_back(graph.type(operand));
  Inferred inferred = record(node.op).infer.value(operands, node.attributes);
  if (!inferred.error.empty()) return inferred.error;
  if (inferred.types != node.types) return "its type is not the one inferred";
  for (const Type& type : node.types)
    if (auto why = why_invalid(type.shape)) return why;
  return std::nullopt;
}

// How many rows (or classes) an index operand chooses from; nothing for ops without one.
std::optional<std::int64_t> choices(const Graph& graph, const Node& node) {
  if (node.op == Op::gather) return graph.type(node.operands[0]).shape.dims[0];
  if (node.op == Op::scatter_add) return node.types[0].shape.dims[0];
  if (node.op == Op::cross_entropy) return graph.type(node.operands[0]).shape.last();
  return std::nullopt;
}

// What the elements of index values stay below, by node; 0 for other values.
using Bounds = std::vector<std::int64_t>;

std::int64_t bound_of(const Node& node, const Bounds& bounds) {
  if (node.types[0].element != Element::index) return 0;
  if (const auto* input = std::get_if<InputAttributes>(&node.attributes)) return input->bound;
  std::int64_t bound = 0;
  for (const Value operand : node.operands) bound = std::max(bound, bounds[operand.node]);
  return bound;
}

// A body counts on the bounds that its inputs tell.
Reason check_bounds_of_body(const Node& node, const Graph& body, const Bounds& bounds) {
  for (const NodeId id : leaves(body, Op::input)) {
    const auto& input = std::get<InputAttributes>(body.node(id).attributes);
    const std::int64_t outside =
        bounds[node.operands[static_cast<std::size_t>(input.position)].node];
    if (outside > input.bound)
      return fmt::format("operand {} counts to {}, the body to {}", input.position, outside,
                         input.bound);
  }
  return std::nullopt;
}

// An index counts no further than there are rows to choose from.
Reason check_bounds(const Graph& graph, const Node& node, const Bounds& bounds) {
  if (const Body* body = body_of(node.attributes))
    return check_bounds_of_body(node, *body->graph, bounds);
  const auto limit = choices(graph, node);
  if (!limit) return std::nullopt;
  const NodeId index = node.operands[1].node;
  if (bounds[index] <= *limit) return std::nullopt;
  const std::string_view name = leaf_name(graph.node(index));
  return fmt::format("'{}' counts to {}, there are {} rows", name.empty() ? "its index" : name,
                     bounds[index], *limit);
}

// Before types are inferred, which looks into the body.
Reason check_body(const Node& node, std::size_t depth) {
  const Body* body = body_of(node.attributes);
  if (!body) return std::nullopt;
  if (!body->graph) return "it has no body";
  const Reason why = why_malformed_body(*body->graph, depth + 1);
  return why ? Reason("in its body, " + *why) : std::nullopt;
}

Reason check_node(const Graph& graph, NodeId id, std::size_t depth) {
  const Node& node = graph.node(id);
  const OpRecord& rules = record(node.op);
  const Arity arity = rules.arity.value;
  if (node.attributes.index() != rules.attributes.value) return "it carries other attributes";
  if (node.operands.size() < arity.least || node.operands.size() > arity.most)
    return fmt::format("it has {} operands", node.operands.size());
  for (Value operand : node.operands)
    if (!exists(graph, operand, id))
      return fmt::format("operand {}.{} does not stand before it", operand.node, operand.result);
  if (rules.trait.value == Trait::leaf) return check_leaf(node);
  if (Reason why = check_body(node, depth)) return why;
  return check_types(graph, node);
}

Reason check_nodes(const Graph& graph, std::size_t depth) {
  Bounds bounds(graph.size(), 0);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    Reason why = check_node(graph, id, depth);
    if (!why) why = check_bounds(graph, node, bounds);
    if (why) return fmt::format("node {} ({}): {}", id, to_string(node.op), *why);
    bounds[id] = bound_of(node, bounds);
  }
  return std::nullopt;
}

Reason check_output(const Graph& graph, const Output& output, std::optional<NodeId> leaf) {
  if (!exists(graph, output.value, static_cast<NodeId>(graph.size())))
    return fmt::format("output '{}' does not exist", output.name);
  if (output.kind == OutputKind::result) return std::nullopt;
  if (!leaf) return fmt::format("no weight or state is called '{}'", output.name);
  if (graph.node(*leaf).types[0] != graph.type(output.value))
    return fmt::format("output '{}' has another type than the leaf it belongs to", output.name);
  return std::nullopt;
}

Reason check_outputs(const Graph& graph) {
  const auto leaves_named = output_leaves(graph);
  std::set<std::pair<OutputKind, std::string_view>> names;
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const Output& output = graph.outputs[i];
    if (Reason why = check_output(graph, output, leaves_named[i])) return why;
    if (!names.insert({output.kind, output.name}).second)
      return fmt::format("two outputs are called '{}'", output.name);
  }
  return std::nullopt;
}

Reason check_layers(const Graph& graph) {
  for (const LayerInfo& layer : graph.layers)
    if (auto why = why_invalid(layer.output))
      return fmt::format("layer '{}': {}", layer.name, *why);
  return std::nullopt;
}

Reason check_graph(const Graph& graph, std::size_t depth) {
  if (Reason why = check_nodes(graph, depth)) return why;
  if (Reason why = why_misnamed(graph)) return why;
  if (Reason why = check_layers(graph)) return why;
  return check_outputs(graph);
}

}  // namespace

std::optional<std::string> why_malformed(const Graph& graph) { return check_graph(graph, 0); }

std::optional<std::string> why_malformed_body(const Graph& body, std::size_t depth) {
  if (depth > deepest_body) return fmt::format("scans are nested deeper than {}", deepest_body);
  for (const Node& node : body.nodes()) {
    if (node.op == Op::weight || node.op == Op::state)
      return fmt::format("a {} belongs outside", to_string(node.op));
  }
  for (const Output& output : body.outputs)
    if (output.kind != OutputKind::result) return "outputs are results";
  if (!body.parts.empty() || !body.layers.empty()) return "parts and layers belong outside";
  return check_graph(body, depth);
}

}  // namespace coil
