#include "tests/support/variants.hpp"

#include <optional>

#include "compiler/graph/hash.hpp"
#include "compiler/graph/op_record.hpp"

namespace coil::test {
namespace {

bool is_commutative(const Node& node) { return record(node.op).trait.value == Trait::commutative; }

// Everything but the nodes.
Graph shell(const Graph& graph) {
  Graph copy;
  copy.name = graph.name;
  copy.layers = graph.layers;
  copy.outputs = graph.outputs;
  return copy;
}

void rename_leaf(Node& node) {
  if (auto* input = std::get_if<InputAttributes>(&node.attributes))
    input->name.text = "other_" + input->name.text;
  if (auto* state = std::get_if<StateAttributes>(&node.attributes))
    state->name.text = "other_" + state->name.text;
  if (auto* weight = std::get_if<WeightAttributes>(&node.attributes)) {
    weight->name.text = "other_" + weight->name.text;
    weight->initializer = {InitializerKind::uniform, 0.25};
  }
}

}  // namespace

Graph renamed(const Graph& graph) {
  Graph copy = shell(graph);
  copy.name = "Other";
  copy.layers.clear();
  for (Node node : graph.nodes()) {
    rename_leaf(node);
    node.place = {};
    copy.append(std::move(node));
  }
  for (Output& output : copy.outputs) output.name = "other_" + output.name;
  return copy;
}

Graph reordered(const Graph& graph, Rng& rng) {
  Graph copy = shell(graph);
  std::vector<std::optional<NodeId>> place(graph.size());
  const auto is_ready = [&](NodeId id) {
    for (Value operand : graph.node(id).operands)
      if (!place[operand.node]) return false;
    return !place[id];
  };
  while (copy.size() < graph.size()) {
    std::vector<NodeId> ready;
    for (NodeId id = 0; id < graph.size(); ++id)
      if (is_ready(id)) ready.push_back(id);
    const NodeId next = rng.pick(ready);
    Node node = graph.node(next);
    for (Value& operand : node.operands) operand.node = *place[operand.node];
    place[next] = copy.append(std::move(node));
  }
  for (Output& output : copy.outputs) output.value.node = *place[output.value.node];
  return copy;
}

Graph swapped(const Graph& graph, Rng& rng) {
  Graph copy = shell(graph);
  for (Node node : graph.nodes()) {
    if (is_commutative(node) && rng.coin()) std::swap(node.operands[0], node.operands[1]);
    copy.append(std::move(node));
  }
  return copy;
}

bool has_ties(const Graph& graph) {
  StructuralHashes hashes;
  hashes.extend(graph);
  for (const Node& node : graph.nodes())
    if (is_commutative(node) && node.operands[0] != node.operands[1] &&
        hashes.of(node.operands[0]) == hashes.of(node.operands[1]))
      return true;
  return false;
}

}  // namespace coil::test
