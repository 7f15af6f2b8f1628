#include "compiler/passes/order_by_use.hpp"

#include <algorithm>

#include "compiler/graph/rewriter.hpp"
#include "compiler/graph/use_order.hpp"
#include "compiler/passes/in_bodies.hpp"

namespace coil {

Graph order_by_use(const Graph& graph) {
  std::vector<NodeId> inputs = leaves(graph, Op::input);
  const auto position = [&](NodeId id) {
    return std::get<InputAttributes>(graph.node(id).attributes).position;
  };
  std::ranges::sort(inputs, {}, position);
  Rewriter rewriter(graph);
  for (NodeId id : inputs) rewriter.keep(id);
  for (NodeId id : use_order(graph))
    if (graph.node(id).op != Op::input) rewriter.keep(id, with_body(graph.node(id), order_by_use));
  return rewriter.finish();
}

}  // namespace coil
