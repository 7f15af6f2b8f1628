#pragma once

#include "compiler/graph/builder.hpp"

namespace coil {

// Adds nodes as a Builder does, each in its simplest form: the local equations of canonicalise.hpp, and
// operands of sums and products in the order of their nodes, so that a + b and b + a are one node.
class Simplifier {
 public:
  explicit Simplifier(Builder& build) : build_(build) {}

  Builder& build() { return build_; }
  const Type& type(Value value) const { return build_.type(value); }
  const Node& node(Value value) const { return build_.graph().node(value.node); }
  Value constant(double value, Shape shape) { return build_.constant(value, std::move(shape)); }

  // op(operands), simplified; of ops with one result.
  Value add(Op op, std::vector<Value> operands, Attributes attributes = NoAttributes{});

 private:
  Builder& build_;
};

// One op that is about to be built.
struct Site {
  Simplifier& to;
  Op op;
  const Attributes& attributes;
  const std::vector<Value>& operands;
  Type type;  // of what it computes

  const Node& node(std::size_t i) const { return to.node(operands[i]); }
  const Type& operand_type(std::size_t i) const { return to.type(operands[i]); }
  std::optional<double> number(std::size_t i) const {
    const auto* constant = std::get_if<ConstantAttributes>(&node(i).attributes);
    return constant ? std::optional(constant->value) : std::nullopt;
  }
  bool is_number(std::size_t i, double value) const { return number(i) == value; }
  // The operand in the node's place, if it has the node's type.
  std::optional<Value> operand_instead(std::size_t i) const {
    return operand_type(i) == type ? std::optional(operands[i]) : std::nullopt;
  }
};

// What stands for a site: nothing where it is built as it is. One function a family of equations.
using Rewrite = std::optional<Value>;
Rewrite rewrite_arithmetic(const Site& site);
Rewrite rewrite_product(const Site& site);
Rewrite rewrite_parts(const Site& site);

}  // namespace coil
