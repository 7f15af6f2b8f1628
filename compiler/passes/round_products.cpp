#include "compiler/passes/round_products.hpp"

#include "compiler/graph/rewriter.hpp"

namespace coil {
namespace {

bool is_product_of_reals(const Graph& graph, const Node& node) {
  return (node.op == Op::matmul || node.op == Op::fused_matmul) &&
         graph.type(node.operands[0]).element == Element::real;
}

}  // namespace

Graph round_products(const Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    rewriter.build().at(node.place);
    if (!is_product_of_reals(graph, node)) {
      rewriter.keep(id);
      continue;
    }
    std::vector<Value> operands = rewriter.mapped(node.operands);
    for (const std::size_t side : {0, 1})
      operands[side] = rewriter.build().add(Op::to_bf16, {operands[side]});
    rewriter.replace({id, 0}, rewriter.build().add(node.op, std::move(operands), node.attributes));
  }
  return rewriter.finish();
}

}  // namespace coil
