#include "tests/support/variants.hpp"

#include <optional>

#include "compiler/graph/op_record.hpp"

namespace coil::test {
namespace {

bool is_commutative(const Node& node) { return record(node.op).trait.value == Trait::commutative; }

// Everything but the nodes.
Graph shell(const Graph& graph) {
  Graph copy;
  copy.name = graph.name;
  copy.layers = graph.layers;
  copy.parts = graph.parts;
  copy.outputs = graph.outputs;
  return copy;
}

// The node, what `change` makes of its body in it where it is a scan.
template <typename Change>
Node with_body(Node node, const Change& change) {
  if (auto* scan = std::get_if<ScanAttributes>(&node.attributes))
    scan->body = make_body(change(*scan->body.graph));
  return node;
}

void rename_leaf(Node& node) {
  if (auto* input = std::get_if<InputAttributes>(&node.attributes))
    input->name.text = "other_" + input->name.text;
  if (auto* state = std::get_if<StateAttributes>(&node.attributes))
    state->name.text = "other_" + state->name.text;
  if (auto* weight = std::get_if<WeightAttributes>(&node.attributes)) {
    weight->name.text = "other_" + weight->name.text;
    if (!weight->piece.of.empty()) weight->piece.of = "other_" + weight->piece.of;
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
  for (InputPart& part : copy.parts) part = {"other_" + part.name, "other_" + part.of, part.step};
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
    Node node =
        with_body(graph.node(next), [&](const Graph& body) { return reordered(body, rng); });
    for (Value& operand : node.operands) operand.node = *place[operand.node];
    place[next] = copy.append(std::move(node));
  }
  for (Output& output : copy.outputs) output.value.node = *place[output.value.node];
  return copy;
}

Graph swapped(const Graph& graph, Rng& rng) {
  Graph copy = shell(graph);
  for (Node node : graph.nodes()) {
    node = with_body(std::move(node), [&](const Graph& body) { return swapped(body, rng); });
    if (is_commutative(node))
      for (auto i = std::ssize(node.operands) - 1; i > 0; --i)
        std::swap(node.operands[static_cast<std::size_t>(i)],
                  node.operands[static_cast<std::size_t>(rng.between(0, i))]);
    copy.append(std::move(node));
  }
  return copy;
}

}  // namespace coil::test
