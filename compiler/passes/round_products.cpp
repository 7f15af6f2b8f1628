#include "compiler/passes/round_products.hpp"

#include "compiler/graph/ops/recurrent.hpp"
#include "compiler/graph/rewriter.hpp"

namespace coil {
namespace {

// The operands of a node that are multiplied, and how it multiplies them where they are rounded.
struct Multiplied {
  std::vector<std::size_t> operands;
  Attributes attributes;
};

Multiplied multiplied_by_recurrence(const Node& node) {
  auto attributes = std::get<RecurrentAttributes>(node.attributes);
  const RecurrentPlaces places(attributes.cell);
  if (attributes.rounded || !places.multiplies_h_only) return {};
  Multiplied multiplied;
  for (std::size_t i = 0; i < places.operands; ++i)
    if (places.is_multiplied(i)) multiplied.operands.push_back(i);
  attributes.rounded = true;
  multiplied.attributes = attributes;
  return multiplied;
}

// No operands where nothing is to be rounded.
Multiplied multiplied_by(const Graph& graph, const Node& node) {
  if (node.op == Op::recurrent || node.op == Op::recurrent_grad)
    return multiplied_by_recurrence(node);
  const bool is_product = node.op == Op::matmul || node.op == Op::fused_matmul;
  if (!is_product || graph.type(node.operands[0]).element != Element::real) return {};
  return {{0, 1}, node.attributes};
}

}  // namespace

Graph round_products(const Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    rewriter.build().at(node.place);
    Multiplied multiplied = multiplied_by(graph, node);
    if (multiplied.operands.empty()) {
      rewriter.keep(id);
      continue;
    }
    std::vector<Value> operands = rewriter.mapped(node.operands);
    for (const std::size_t i : multiplied.operands)
      operands[i] = rewriter.build().add(Op::to_bf16, {operands[i]});
    const NodeId made =
        rewriter.build().node(node.op, std::move(multiplied.attributes), std::move(operands));
    for (std::uint32_t i = 0; i < node.types.size(); ++i) rewriter.replace({id, i}, {made, i});
  }
  return rewriter.finish();
}

}  // namespace coil
