#include "compiler/passes/share_common.hpp"

#include "compiler/graph/rewriter.hpp"

namespace coil {

Graph share_common(const Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) rewriter.keep(id);
  return rewriter.finish();
}

}  // namespace coil
