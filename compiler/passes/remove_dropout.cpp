#include "compiler/passes/remove_dropout.hpp"

#include "compiler/graph/rewriter.hpp"

namespace coil {

Graph remove_dropout(const Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (node.op == Op::dropout) {
      rewriter.replace({id, 0}, rewriter.mapped(node.operands[0]));
    } else if (node.op == Op::scan) {
      ScanAttributes scan = std::get<ScanAttributes>(node.attributes);
      scan.body = make_body(remove_dropout(*scan.body.graph));
      rewriter.build().at(node.place);
      const NodeId made =
          rewriter.build().node(Op::scan, std::move(scan), rewriter.mapped(node.operands));
      for (std::uint32_t i = 0; i < node.types.size(); ++i) rewriter.replace({id, i}, {made, i});
    } else {
      rewriter.keep(id);
    }
  }
  return rewriter.finish();
}

}  // namespace coil
