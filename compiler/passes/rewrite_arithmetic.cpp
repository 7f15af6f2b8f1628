#include "compiler/graph/op_record.hpp"
#include "compiler/passes/simplifier.hpp"

namespace coil {
namespace {

// Pattern: f(c, d) -> number. The op's reference function says which; of the two zeros, the positive one.
Rewrite fold_constants(const Site& site) {
  const Trait trait = record(site.op).trait.value;
  if (trait != Trait::elementwise && trait != Trait::commutative) return std::nullopt;
  std::vector<Array> values;
  for (std::size_t i = 0; i < site.operands.size(); ++i) {
    const auto number = site.number(i);
    if (!number) return std::nullopt;
    values.push_back({{}, {*number}});
  }
  std::vector<const Array*> operands;
  for (const Array& value : values) operands.push_back(&value);
  Array result{{}, {0}};
  record(site.op).evaluate.value(site.attributes, operands, {&result, 1});
  return site.to.constant(result.values[0] + 0.0, site.type.shape);
}

// Pattern: f(.., c, ..) -> f(.., ..) where c leaves the rest as it is and its shape adds nothing.
Rewrite drop_neutral(const Site& site, double neutral) {
  for (std::size_t i = 0; i < site.operands.size(); ++i) {
    if (!site.is_number(i, neutral)) continue;
    std::vector<Value> rest = site.operands;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    const Value without = rest.size() == 1 ? rest[0] : site.to.add(site.op, rest);
    if (site.to.type(without) == site.type) return without;
  }
  return std::nullopt;
}

// The node with operand k taken out of its operand i, which is of the same op.
Value regroup(const Site& site, std::size_t i, std::size_t k) {
  std::vector<Value> inner = site.node(i).operands;
  inner.erase(inner.begin() + static_cast<std::ptrdiff_t>(k));
  std::vector<Value> operands = site.operands;
  operands[i] = inner.size() == 1 ? inner[0] : site.to.add(site.op, inner);
  return site.to.add(site.op, operands);
}

// Pattern: x + (b + 0) -> x + b where the zero's shape adds nothing to that of x
Rewrite drop_neutral_inside(const Site& site, double neutral) {
  for (std::size_t i = 0; i < site.operands.size(); ++i) {
    const Node& inner = site.node(i);
    if (inner.op != site.op) continue;
    for (std::size_t k = 0; k < inner.operands.size(); ++k) {
      const auto* number =
          std::get_if<ConstantAttributes>(&site.to.node(inner.operands[k]).attributes);
      if (!number || number->value != neutral) continue;
      std::vector<Value> terms = inner.operands;
      terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(k));
      for (std::size_t j = 0; j < site.operands.size(); ++j)
        if (j != i) terms.push_back(site.operands[j]);
      std::optional<Shape> shape = site.to.type(terms[0]).shape;
      for (const Value term : terms) shape = broadcast(*shape, site.to.type(term).shape);
      if (shape == site.type.shape) return regroup(site, i, k);
    }
  }
  return std::nullopt;
}

// Pattern: c + d + x -> (c + d) + x, and a number that only repeats itself along the others is a scalar
Rewrite gather_numbers(const Site& site) {
  std::vector<Value> numbers, rest;
  for (std::size_t i = 0; i < site.operands.size(); ++i)
    (site.number(i) ? numbers : rest).push_back(site.operands[i]);
  if (numbers.empty() || rest.empty()) return std::nullopt;
  if (numbers.size() > 1) {
    rest.push_back(site.to.add(site.op, numbers));
    const Value value = site.to.add(site.op, rest);
    return site.to.type(value) == site.type ? Rewrite(value) : std::nullopt;
  }
  if (site.to.type(numbers[0]).shape.is_scalar()) return std::nullopt;
  std::optional<Shape> shape = site.to.type(rest[0]).shape;
  for (const Value value : rest) shape = broadcast(*shape, site.to.type(value).shape);
  if (shape != site.type.shape) return std::nullopt;
  const double number = std::get<ConstantAttributes>(site.to.node(numbers[0]).attributes).value;
  rest.push_back(site.to.constant(number, {}));
  return site.to.add(site.op, rest);
}

// Pattern: a - b -> a + (-b)
Rewrite rewrite_sub(const Site& site) {
  const Value negated = site.to.add(Op::neg, {site.operands[1]});
  return site.to.add(Op::add, {site.operands[0], negated});
}

// Pattern: (-x) * y -> -(x * y)
Rewrite pull_negation(const Site& site) {
  for (std::size_t i = 0; i < site.operands.size(); ++i) {
    if (site.node(i).op != Op::neg) continue;
    std::vector<Value> operands = site.operands;
    operands[i] = site.node(i).operands[0];
    return site.to.add(Op::neg, {site.to.add(Op::mul, operands)});
  }
  return std::nullopt;
}

// Pattern: x / 1 -> x
Rewrite rewrite_div(const Site& site) {
  return site.is_number(1, 1) ? site.operand_instead(0) : std::nullopt;
}

// Pattern: -(-x) -> x
Rewrite rewrite_neg(const Site& site) {
  if (site.node(0).op != Op::neg) return std::nullopt;
  return site.node(0).operands[0];
}

// Pattern: 0 * x -> 0, where the text says zero: what a recurrence that starts with zeros leaves behind.
Rewrite multiply_by_zero(const Site& site) {
  for (std::size_t i = 0; i < site.operands.size(); ++i)
    if (site.is_number(i, 0)) return site.to.constant(0, site.type.shape);
  return std::nullopt;
}

}  // namespace

Rewrite rewrite_arithmetic(const Site& site) {
  if (Rewrite folded = fold_constants(site)) return folded;
  if (site.op == Op::add) {
    if (Rewrite without = drop_neutral(site, 0)) return without;
    if (Rewrite without = drop_neutral_inside(site, 0)) return without;
    return gather_numbers(site);
  }
  if (site.op == Op::sub) return rewrite_sub(site);
  if (site.op == Op::mul) {
    if (Rewrite zero = multiply_by_zero(site)) return zero;
    if (Rewrite without = drop_neutral(site, 1)) return without;
    if (Rewrite without = drop_neutral_inside(site, 1)) return without;
    if (Rewrite gathered = gather_numbers(site)) return gathered;
    return pull_negation(site);
  }
  if (site.op == Op::div) return rewrite_div(site);
  if (site.op == Op::neg) return rewrite_neg(site);
  return std::nullopt;
}

}  // namespace coil
