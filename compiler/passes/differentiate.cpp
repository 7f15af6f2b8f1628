#include "compiler/passes/differentiate.hpp"

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

using Gradient = std::optional<Value>;

// The gradients found so far, of each result of each node.
class Gradients {
 public:
  Gradients(const Graph& graph, Builder& build) : build_(build), of_(graph.size()) {
    for (NodeId id = 0; id < graph.size(); ++id) of_[id].resize(graph.node(id).types.size());
  }

  const std::vector<Gradient>& of(NodeId node) const { return of_[node]; }

  void accumulate(Value value, Value part) {
    Gradient& sum = of_[value.node][value.result];
    require(build_.type(part) == build_.type(value), "the gradient of {} is {}",
            to_string(build_.type(value)), to_string(build_.type(part)));
    sum = sum ? build_.add(Op::add, {*sum, part}) : part;
  }

 private:
  Builder& build_;
  std::vector<std::vector<Gradient>> of_;
};

// The nodes through which a weight is seen: only they need gradients.
std::vector<bool> find_dependent_on_weights(const Graph& graph) {
  std::vector<bool> depends(graph.size(), false);
  for (NodeId id = 0; id < graph.size(); ++id) {
    depends[id] = graph.node(id).op == Op::weight;
    for (Value operand : graph.node(id).operands)
      depends[id] = depends[id] || depends[operand.node];
  }
  return depends;
}

Value loss_of(const Graph& graph) {
  for (const Output& output : graph.outputs)
    if (output.name == loss_name && output.kind == OutputKind::result) return output.value;
  throw InternalError("a graph without a loss is not differentiated");
}

bool any(const std::vector<Gradient>& gradients) {
  for (const Gradient& gradient : gradients)
    if (gradient) return true;
  return false;
}

}  // namespace

Graph differentiate(const Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) rewriter.keep(id);
  Builder& build = rewriter.build();
  // The copy may have shared nodes; the walk is over the copy as it stands now.
  const Graph& copy = build.graph();
  const auto original = static_cast<NodeId>(copy.size());
  const auto depends = find_dependent_on_weights(copy);
  Gradients gradients(copy, build);

  const Value loss = rewriter.mapped(loss_of(graph));
  gradients.accumulate(loss, build.constant(1, copy.type(loss).shape));
  for (NodeId id = original; id-- > 0;) {
    if (!depends[id] || !any(gradients.of(id))) continue;
    build.at(copy.node(id).place);
    const std::vector<Gradient> by_result = gradients.of(id);
    const auto parts = record(copy.node(id).op).gradient.value({build, copy, id, by_result});
    const std::vector<Value> operands = copy.node(id).operands;
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (parts[i] && depends[operands[i].node]) gradients.accumulate(operands[i], *parts[i]);
  }

  std::vector<Output> outputs;
  for (NodeId id : leaves(copy, Op::weight)) {
    const Gradient& found = gradients.of(id)[0];
    const Value value = found ? *found : build.constant(0, copy.node(id).types[0].shape);
    outputs.push_back({std::string(leaf_name(copy.node(id))), value, OutputKind::gradient});
  }
  Graph result = rewriter.finish();
  result.outputs.insert(result.outputs.end(), outputs.begin(), outputs.end());
  return result;
}

}  // namespace coil
