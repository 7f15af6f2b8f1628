#pragma once

// What passes ask of an op's record again and again.

#include "compiler/graph/op_record.hpp"

namespace coil {

inline bool is_leaf(const Node& node) { return record(node.op).trait.value == Trait::leaf; }

// Operands may change places and be grouped.
inline bool is_commutative(Op op) { return record(op).trait.value == Trait::commutative; }

// Each element of the result depends on the same element of each operand; commutative ops are.
inline bool is_elementwise(Op op) {
  return record(op).trait.value == Trait::elementwise || is_commutative(op);
}

// Whether an element-wise op is a multiple of that operand, by what the others say.
inline bool is_multiple_of(Op op, std::size_t operand) {
  switch (op) {
    case Op::mul:
      return true;
    case Op::neg:
    case Op::div:
    case Op::relu_grad:
    case Op::tanh_grad:
    case Op::sigmoid_grad:
    case Op::hard_sigmoid_grad:
      return operand == 0;
    default:
      return false;
  }
}

// A shape [batch, ..] as [batch, steps, ..], and back.
inline Shape shape_of_sequence(Shape element, std::int64_t steps) {
  element.dims.insert(element.dims.begin() + 1, steps);
  return element;
}
inline Shape shape_of_element(Shape sequence) {
  sequence.dims.erase(sequence.dims.begin() + 1);
  return sequence;
}

}  // namespace coil
