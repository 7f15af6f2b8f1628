#include "compiler/passes/along_sequences.hpp"

#include "compiler/graph/op_traits.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

Shape with_steps(Shape shape, std::int64_t steps) {
  return shape.is_batched() ? shape_of_sequence(std::move(shape), steps) : shape;
}

// [batch, ..] as [batch, 1, ..], which repeats itself along the steps.
Value with_one_step(Simplifier& simplify, Value value) {
  if (!simplify.type(value).shape.is_batched()) return value;
  return simplify.add(Op::concat, {value}, ConcatAttributes{1, true});
}

Attributes moved_behind_steps(const Attributes& attributes, std::int64_t steps) {
  Attributes moved = attributes;
  if (auto* slice = std::get_if<SliceAttributes>(&moved)) ++slice->axis;
  if (auto* concat = std::get_if<ConcatAttributes>(&moved)) ++concat->axis;
  if (auto* shape = std::get_if<ShapeAttributes>(&moved))
    shape->shape = with_steps(shape->shape, steps);
  return moved;
}

}  // namespace

bool works_along(const Node& node, const std::vector<bool>& varies) {
  if (node.types.size() != 1 || !node.types[0].shape.is_batched()) return false;
  if (node.types[0].shape.rank() + 1 > largest_rank) return false;
  if (is_elementwise(node.op) || node.op == Op::softmax || node.op == Op::slice ||
      node.op == Op::concat || node.op == Op::broadcast_to || node.op == Op::dropout)
    return true;
  if (node.op == Op::gather) return !varies[0];
  if (node.op != Op::matmul || varies[1]) return false;
  return !std::get<MatmulAttributes>(node.attributes).transpose_a;
}

Value as_sequence(Simplifier& simplify, const Along& along, std::int64_t steps) {
  if (along.is_sequence) return along.value;
  const Value one = with_one_step(simplify, along.value);
  Shape shape = simplify.type(one).shape;
  require(shape.is_batched(), "a value without a batch is no element of a sequence");
  shape.dims[1] = steps;
  return simplify.add(Op::broadcast_to, {one}, ShapeAttributes{shape});
}

Value add_along(Simplifier& simplify, const Node& node, const std::vector<Along>& operands,
                std::int64_t steps) {
  std::vector<Value> values;
  for (const Along& operand : operands) {
    if (node.op == Op::concat || node.op == Op::slice || node.op == Op::broadcast_to)
      values.push_back(as_sequence(simplify, operand, steps));
    else if (is_elementwise(node.op) && !operand.is_sequence)
      values.push_back(with_one_step(simplify, operand.value));
    else
      values.push_back(operand.value);
  }
  const Value value = simplify.add(node.op, values, moved_behind_steps(node.attributes, steps));
  require(simplify.type(value).shape == with_steps(node.types[0].shape, steps),
          "{} does not work along sequences", to_string(node.op));
  return value;
}

}  // namespace coil
