#include "compiler/passes/eliminate_dead.hpp"

#include "compiler/graph/rewriter.hpp"

namespace coil {

Graph eliminate_dead(const Graph& graph) {
  std::vector<bool> live(graph.size(), false);
  for (const Output& output : graph.outputs) live[output.value.node] = true;
  for (const auto& leaf : output_leaves(graph))
    if (leaf) live[*leaf] = true;
  for (NodeId id = static_cast<NodeId>(graph.size()); id-- > 0;) {
    const Node& node = graph.node(id);
    if (node.op == Op::input) live[id] = true;
    if (!live[id]) continue;
    for (Value operand : node.operands) live[operand.node] = true;
  }
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id)
    if (live[id]) rewriter.keep(id);
  return rewriter.finish();
}

}  // namespace coil
