#include "compiler/passes/canonicalise.hpp"

#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/simplifier.hpp"

namespace coil {

Graph canonicalise(const Graph& graph) {
  Rewriter rewriter(graph);
  Simplifier simplify(rewriter.build());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (is_leaf(node) || node.types.size() != 1 || node.op == Op::scan) {
      rewriter.keep(id);
      continue;
    }
    rewriter.build().at(node.place);
    rewriter.replace({id, 0},
                     simplify.add(node.op, rewriter.mapped(node.operands), node.attributes));
  }
  return rewriter.finish();
}

}  // namespace coil
