#include "compiler/passes/differentiate.hpp"

#include "compiler/graph/backward.hpp"
#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

// The nodes through which a weight is seen: only they need gradients.
std::vector<bool> find_dependent_on_weights(const Graph& graph) {
  std::vector<bool> weights(graph.size(), false);
  for (const NodeId id : leaves(graph, Op::weight)) weights[id] = true;
  return dependents(graph, std::move(weights));
}

Value loss_of(const Graph& graph) {
  for (const Output& output : graph.outputs)
    if (output.name == loss_name && output.kind == OutputKind::result) return output.value;
  throw InternalError("a graph without a loss is not differentiated");
}

}  // namespace

Graph differentiate(const Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) rewriter.keep(id);
  Builder& build = rewriter.build();
  // The copy may have shared nodes; the walk is over the copy as it stands now.
  const Graph& copy = build.graph();
  const std::vector<NodeId> weights = leaves(copy, Op::weight);
  Backward backward(build, find_dependent_on_weights(copy));
  const Value loss = rewriter.mapped(loss_of(graph));
  backward.add(loss, build.constant(1, copy.type(loss).shape));
  backward.run();

  std::vector<Output> outputs;
  for (const NodeId id : weights) {
    const auto found = backward.gradient({id, 0});
    const Value value = found ? *found : build.constant(0, copy.node(id).types[0].shape);
    outputs.push_back({std::string(leaf_name(copy.node(id))), value, OutputKind::gradient});
  }
  Graph result = rewriter.finish();
  result.outputs.insert(result.outputs.end(), outputs.begin(), outputs.end());
  return result;
}

}  // namespace coil
