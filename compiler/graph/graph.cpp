#include "compiler/graph/graph.hpp"

#include <unordered_map>

#include "compiler/graph/faces.hpp"
#include "compiler/graph/op_record.hpp"

namespace coil {

NodeId Graph::append(Node node) {
  nodes_.push_back(std::move(node));
  return static_cast<NodeId>(nodes_.size() - 1);
}

std::string_view leaf_name(const Node& node) {
  if (const auto* input = std::get_if<InputAttributes>(&node.attributes)) return input->name.text;
  if (const auto* weight = std::get_if<WeightAttributes>(&node.attributes))
    return weight->name.text;
  if (const auto* state = std::get_if<StateAttributes>(&node.attributes)) return state->name.text;
  return {};
}

const Joint* joint_of(const Node& node) {
  const auto* weight = std::get_if<WeightAttributes>(&node.attributes);
  const auto* state = std::get_if<StateAttributes>(&node.attributes);
  const Joint* joint = weight ? &weight->joint : state ? &state->joint : nullptr;
  return joint && !joint->parts.empty() ? joint : nullptr;
}

std::vector<std::optional<NodeId>> output_leaves(const Graph& graph) {
  std::unordered_map<std::string_view, NodeId> named;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (node.op == Op::weight || node.op == Op::state) named.emplace(leaf_name(node), id);
  }
  std::vector<std::optional<NodeId>> found;
  for (const Output& output : graph.outputs) {
    const auto leaf = output.kind == OutputKind::result ? named.end() : named.find(output.name);
    found.push_back(leaf == named.end() ? std::nullopt : std::optional(leaf->second));
  }
  return found;
}

std::vector<NodeId> leaves(const Graph& graph, Op op) {
  std::vector<NodeId> found;
  for (NodeId id = 0; id < graph.size(); ++id)
    if (graph.node(id).op == op) found.push_back(id);
  return found;
}

std::vector<std::uint32_t> count_uses(const Graph& graph) {
  std::vector<std::uint32_t> uses(graph.size(), 0);
  for (const Node& node : graph.nodes())
    for (Value operand : node.operands) ++uses[operand.node];
  for (const Output& output : graph.outputs) ++uses[output.value.node];
  return uses;
}

std::int64_t count_parameters(const Graph& graph) {
  std::int64_t total = 0;
  for (const StoredWeight& weight : stored_weights(graph)) total += weight.elements();
  return total;
}

}  // namespace coil
