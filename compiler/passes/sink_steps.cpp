#include "compiler/passes/sink_steps.hpp"

#include <map>
#include <optional>
#include <tuple>

#include "compiler/graph/op_traits.hpp"
#include "compiler/passes/take_steps.hpp"

namespace coil {
namespace {

// Values are of the graph that is built.
class Sinking {
 public:
  explicit Sinking(Builder& build) : build_(build) {}

  // value[step]; the step's dimension, of size one, is gone.
  Value step_of(Value value, const SliceAttributes& step) {
    const auto key = std::tuple(value, step.axis, step.begin);
    if (const auto known = known_.find(key); known != known_.end()) return known->second;
    const auto sunk = sink(value, step);
    const Value result = sunk ? *sunk : build_.add(Op::slice, {value}, step);
    known_.emplace(key, result);
    return result;
  }

 private:
  std::optional<Value> sink(Value value, const SliceAttributes& step) {
    const Node node = build_.graph().node(value.node);  // a copy: building moves nodes
    if (node.types.size() != 1) return std::nullopt;
    const auto last = static_cast<std::int64_t>(node.types[0].shape.rank()) - 1;
    if (is_elementwise(node.op)) return of_each(node, step);
    if (const auto* stack = std::get_if<ConcatAttributes>(&node.attributes);
        stack && stack->stack && stack->axis == step.axis)
      return node.operands[static_cast<std::size_t>(step.begin)];
    if (step.axis >= last)
      return std::nullopt;  // a column, which each of these computes of whole rows
    if (node.op == Op::gather) {
      const Value index = step_of(node.operands[1], step);
      return build_.add(Op::gather, {node.operands[0], index});
    }
    if (node.op == Op::softmax) return build_.add(Op::softmax, {step_of(node.operands[0], step)});
    if (const auto* matmul = std::get_if<MatmulAttributes>(&node.attributes)) {
      if (matmul->transpose_a) return std::nullopt;
      return build_.add(Op::matmul, {step_of(node.operands[0], step), node.operands[1]}, *matmul);
    }
    return of_parts(node, step);
  }

  // An operand that is broadcast along the steps is the same in each.
  std::optional<Value> of_each(const Node& node, const SliceAttributes& step) {
    const Shape& whole = node.types[0].shape;
    const auto from_end = static_cast<std::int64_t>(whole.rank()) - step.axis;
    std::vector<Value> operands;
    for (const Value operand : node.operands) {
      const Shape& shape = build_.type(operand).shape;
      const std::int64_t axis = static_cast<std::int64_t>(shape.rank()) - from_end;
      if (axis < 0) {
        operands.push_back(operand);
      } else if (shape.dims[static_cast<std::size_t>(axis)] ==
                 whole.dims[static_cast<std::size_t>(step.axis)]) {
        operands.push_back(step_of(operand, {axis, step.begin, 1, true}));
      } else {
        return std::nullopt;  // repeated along the steps by a dimension of one
      }
    }
    const Value result = build_.add(node.op, operands, node.attributes);
    Shape wanted = whole;
    wanted.dims.erase(wanted.dims.begin() + step.axis);
    // What all operands repeat along a dimension before the steps would be lost.
    return build_.type(result).shape == wanted ? std::optional(result) : std::nullopt;
  }

  // Columns of a value, and values side by side, along a dimension behind the steps.
  std::optional<Value> of_parts(const Node& node, const SliceAttributes& step) {
    if (const auto* slice = std::get_if<SliceAttributes>(&node.attributes)) {
      if (slice->drop || slice->axis <= step.axis) return std::nullopt;
      SliceAttributes columns = *slice;
      --columns.axis;
      return build_.add(Op::slice, {step_of(node.operands[0], step)}, columns);
    }
    const auto* concat = std::get_if<ConcatAttributes>(&node.attributes);
    if (!concat || concat->stack || concat->axis <= step.axis) return std::nullopt;
    std::vector<Value> parts;
    for (const Value part : node.operands) parts.push_back(step_of(part, step));
    return build_.add(Op::concat, std::move(parts), ConcatAttributes{concat->axis - 1, false});
  }

  Builder& build_;
  std::map<std::tuple<Value, std::int64_t, std::int64_t>, Value> known_;
};

}  // namespace

Graph sink_steps(const Graph& graph) {
  std::optional<Sinking> sinking;
  return take_steps(graph, [&](Builder& build, Value value, const SliceAttributes& step) {
    if (!sinking) sinking.emplace(build);
    return sinking->step_of(value, step);
  });
}

}  // namespace coil
