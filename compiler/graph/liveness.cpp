#include "compiler/graph/liveness.hpp"

#include <algorithm>

namespace coil {

Liveness::Liveness(const Graph& graph)
    : graph_(graph), live_(graph.size()), outputs_(graph.outputs.size(), false) {
  std::size_t inputs = 0;
  for (NodeId id = 0; id < graph.size(); ++id) {
    live_[id].assign(graph.node(id).types.size(), false);
    inputs += graph.node(id).op == Op::input;
  }
  inputs_.assign(inputs, false);
}

bool Liveness::is_live(NodeId id) const {
  return std::ranges::find(live_[id], true) != live_[id].end();
}

void Liveness::mark(Value value) {
  std::vector<Value> open{value};
  while (!open.empty()) {
    const Value top = open.back();
    open.pop_back();
    if (live_[top.node][top.result]) continue;
    live_[top.node][top.result] = true;
    const Node& node = graph_.node(top.node);
    if (const auto* scan = std::get_if<ScanAttributes>(&node.attributes)) {
      auto& body = bodies_[top.node];
      if (!body) body = std::make_unique<Liveness>(*scan->body.graph);
      for (const std::size_t i : body->mark_result(top.result, *scan))
        open.push_back(node.operands[i]);
    } else if (const auto* input = std::get_if<InputAttributes>(&node.attributes)) {
      const auto position = static_cast<std::size_t>(input->position);
      inputs_[position] = true;
      new_inputs_.push_back(position);
    } else {
      open.insert(open.end(), node.operands.begin(), node.operands.end());
    }
  }
}

std::vector<std::size_t> Liveness::mark_result(std::size_t i, const ScanAttributes& scan) {
  const auto sequences = static_cast<std::size_t>(scan.sequences);
  const auto carries = static_cast<std::size_t>(scan.carries);
  std::vector<std::size_t> wanted{i}, operands;
  while (!wanted.empty()) {
    const std::size_t output = wanted.back();
    wanted.pop_back();
    if (outputs_[output]) continue;
    outputs_[output] = true;
    mark(graph_.outputs[output].value);
    if (output < carries && !inputs_[sequences + output]) {
      inputs_[sequences + output] = true;
      new_inputs_.push_back(sequences + output);
    }
    for (const std::size_t input : new_inputs_) {
      operands.push_back(input);
      if (input >= sequences && input < sequences + carries) wanted.push_back(input - sequences);
    }
    new_inputs_.clear();
  }
  return operands;
}

}  // namespace coil
