#pragma once

// What a product can take along: which ops are applied behind it, and what it can add.

#include <optional>

#include "compiler/graph/graph.hpp"

namespace coil {

inline std::optional<Activation> activation_of(Op op) {
  switch (op) {
    case Op::relu:
      return Activation::relu;
    case Op::tanh:
      return Activation::tanh;
    case Op::sigmoid:
      return Activation::sigmoid;
    case Op::hard_sigmoid:
      return Activation::hard_sigmoid;
    default:
      return std::nullopt;  // every other op is no activation, a new one too
  }
}

// One row that is added to each row of a product's result.
inline bool is_bias(const Type& type, const Type& sum) {
  return type == Type{Element::real, {{sum.shape.last()}}} && type != sum;
}

}  // namespace coil
