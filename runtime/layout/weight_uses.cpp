#include "runtime/layout/weight_uses.hpp"

namespace coil {
namespace {

// What each of a scan's operands is used for in the body. Sequences and first values come in by other ways than
// whole.
std::vector<Uses> uses_of_operands(const Node& scan) {
  const auto& attributes = std::get<ScanAttributes>(scan.attributes);
  const Graph& body = *attributes.body.graph;
  const std::vector<Uses> inside = uses_in(body);
  std::vector<Uses> uses(scan.operands.size());
  for (const NodeId id : leaves(body, Op::input)) {
    const auto at = std::get<InputAttributes>(body.node(id).attributes).position;
    Uses& use = uses[static_cast<std::size_t>(at)];
    use = inside[id];
    if (at < attributes.sequences + attributes.carries) use.otherwise = true;
  }
  return uses;
}

Uses use_as(const Node& node, std::size_t operand) {
  const auto* m = std::get_if<MatmulAttributes>(&node.attributes);
  if (m && operand == 1 && !m->transpose_b) return {.multiplied = true};
  if (node.op == Op::gather && operand == 0) return {.looked_up = true};
  return {.otherwise = true};
}

}  // namespace

void Uses::add(const Uses& more) {
  multiplied |= more.multiplied;
  looked_up |= more.looked_up;
  otherwise |= more.otherwise;
}

std::vector<Uses> uses_in(const Graph& graph) {
  std::vector<Uses> uses(graph.size());
  for (const Node& node : graph.nodes()) {
    const bool is_scan = node.op == Op::scan;
    const std::vector<Uses> inside = is_scan ? uses_of_operands(node) : std::vector<Uses>();
    for (std::size_t i = 0; i < node.operands.size(); ++i)
      uses[node.operands[i].node].add(is_scan ? inside[i] : use_as(node, i));
  }
  for (const Output& output : graph.outputs) uses[output.value.node].otherwise = true;
  return uses;
}

}  // namespace coil
