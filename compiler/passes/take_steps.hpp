#pragma once

#include "compiler/graph/rewriter.hpp"

namespace coil {

// The graph with each step taken of a value, x[t], as `step_of(builder, value, step)` says, a value of the new graph.
template <typename StepOf>
Graph take_steps(const Graph& graph, const StepOf& step_of) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    const auto* slice = std::get_if<SliceAttributes>(&node.attributes);
    if (!slice || !slice->drop) {
      rewriter.keep(id);
      continue;
    }
    rewriter.build().at(node.place);
    rewriter.replace({id, 0}, step_of(rewriter.build(), rewriter.mapped(node.operands[0]), *slice));
  }
  return rewriter.finish();
}

}  // namespace coil
