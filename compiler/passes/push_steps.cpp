#include "compiler/passes/push_steps.hpp"

#include "compiler/passes/columns.hpp"
#include "compiler/passes/take_steps.hpp"

namespace coil {
namespace {

// value[step], of the graph being built.
Value step_of(Builder& build, Value value, const SliceAttributes& step) {
  const Node node = build.graph().node(value.node);
  if (const SliceAttributes* columns = as_columns(node); columns && step.axis < columns->axis) {
    SliceAttributes of_step = *columns;
    --of_step.axis;
    return build.add(Op::slice, {step_of(build, node.operands[0], step)}, of_step);
  }
  if (node.op == Op::gather &&
      step.axis < static_cast<std::int64_t>(build.type(node.operands[1]).shape.rank()))
    return build.add(Op::gather, {node.operands[0], step_of(build, node.operands[1], step)});
  return build.add(Op::slice, {value}, step);
}

}  // namespace

Graph push_steps(const Graph& graph) { return take_steps(graph, step_of); }

}  // namespace coil
