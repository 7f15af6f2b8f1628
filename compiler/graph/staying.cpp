#include "compiler/graph/staying.hpp"

#include <algorithm>

#include "compiler/graph/op_traits.hpp"

namespace coil {

std::vector<bool> find_staying(const Graph& graph) {
  std::vector<bool> is_updated(graph.size(), false);
  const auto leaves = output_leaves(graph);
  for (std::size_t i = 0; i < leaves.size(); ++i)
    if (graph.outputs[i].kind == OutputKind::update && leaves[i]) is_updated[*leaves[i]] = true;
  std::vector<bool> stays(graph.size(), false);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (is_leaf(node))
      stays[id] = node.op == Op::constant || (node.op == Op::weight && !is_updated[id]);
    else
      stays[id] =
          std::ranges::all_of(node.operands, [&](Value operand) { return stays[operand.node]; });
  }
  return stays;
}

}  // namespace coil
