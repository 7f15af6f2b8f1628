#include <array>
#include <fmt/format.h>

#include "compiler/semantics/arithmetic.hpp"
#include "compiler/semantics/expressions.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/sequences.hpp"
#include "compiler/semantics/values.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil::semantics {
namespace {

using ast::BinaryOperator;

Meaning to_meaning(Context& context, const Computed& computed, SourceRange where,
                   SourceRange blame) {
  if (!computed.error.empty()) {
    context.diagnostics.error(blame, computed.error);
    return poison(where);
  }
  return std::visit([&](auto number) { return meaning(number, where); }, computed.value);
}

Op op_of(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::add:
      return Op::add;
    case BinaryOperator::subtract:
      return Op::sub;
    case BinaryOperator::multiply:
      return Op::mul;
    case BinaryOperator::divide:
      return Op::div;
    case BinaryOperator::matmul:
      return Op::matmul;
  }
  throw InternalError("unknown operator");
}

// One application of an operator to values, for the checks and their messages.
struct Operation {
  Context& context;
  const ast::Term& term;
  const Meaning& left;
  const Meaning& right;
  Value a, b;
  SourceRange where;  // both operands and what is between

  Meaning refuse(const std::string& message) const {
    Diagnostic& diagnostic = context.diagnostics.error(term.op_where, message);
    note_origin(context, diagnostic, left);
    note_origin(context, diagnostic, right);
    return poison(where);
  }

  std::string sides() const {
    return fmt::format("the left side is {} and the right side {}", describe(context.graph, left),
                       describe(context.graph, right));
  }

  Meaning build(Op op, Attributes attributes) const {
    context.at(term.op_where);
    return meaning(context.build.add(op, {a, b}, std::move(attributes)), where);
  }
};

bool is_matrix(const Type& type) { return type.shape.rank() == 2 && !type.shape.is_batched(); }

Meaning matmul(const Operation& operation) {
  const Builder& build = operation.context.build;
  if (!is_matrix(build.type(operation.b))) {
    return operation.refuse(
        fmt::format("the right side of '@' must be a weight matrix, and this is {}, which differs "
                    "from one row of the batch to the next; '*' multiplies element by element",
                    describe(operation.context.graph, operation.right)));
  }
  const std::string why = build.why_not(Op::matmul, MatmulAttributes{}, {operation.a, operation.b});
  if (!why.empty()) return operation.refuse("'@' does not fit: " + operation.sides());
  return operation.build(Op::matmul, MatmulAttributes{});
}

// Rows of the batch stretch over one another only where they have equally many dimensions.
std::string_view wanted_shapes(const Operation& operation) {
  const Shape& a = operation.context.build.type(operation.a).shape;
  const Shape& b = operation.context.build.type(operation.b).shape;
  return a.rank() == b.rank() ? "shapes that fit" : "as many dimensions on both sides";
}

Meaning elementwise(const Operation& operation) {
  const Builder& build = operation.context.build;
  const auto shape = broadcast(build.type(operation.a).shape, build.type(operation.b).shape);
  const std::string_view op = symbol(operation.term.op);
  if (!shape) {
    return operation.refuse(
        fmt::format("'{}' needs {}: {}", op, wanted_shapes(operation), operation.sides()));
  }
  if (const auto why = why_too_large(*shape)) {
    return operation.refuse(fmt::format("the result of '{}' would be too large: {}", op, *why));
  }
  return operation.build(op_of(operation.term.op), NoAttributes{});
}

}  // namespace

Meaning apply_negation(Context& context, const Meaning& operand, SourceRange where) {
  if (operand.is_poison()) return poison(where);
  if (operand.is_number()) {
    return to_meaning(context, negate(to_number(operand)), where, where);
  }
  return per_step(context, {"'-'", 1, where}, {&operand, 1}, [&](std::span<const Meaning> step) {
    const auto value = as_real(context, step[0], "'-'");
    return value ? build_node(context, Op::neg, {*value}, where) : poison(where);
  });
}

Meaning apply_operator(Context& context, const ast::Term& term, const Meaning& left,
                       const Meaning& right) {
  const SourceRange where = join(left.where, right.where);
  if (left.is_poison() || right.is_poison()) return poison(where);
  if (left.is_number() && right.is_number()) {
    return to_meaning(context, compute(term.op, to_number(left), to_number(right)), where,
                      term.op_where);
  }
  if (term.op == BinaryOperator::divide && right.is_number() && to_double(to_number(right)) == 0) {
    context.diagnostics.error(term.op_where, "a division by zero");
    return poison(where);
  }
  const std::string what = fmt::format("'{}'", symbol(term.op));
  const std::array<Meaning, 2> sides = {left, right};
  Meaning result =
      per_step(context, {what, 1, term.op_where}, sides, [&](std::span<const Meaning> step) {
        const auto a = as_real(context, step[0], what);
        const auto b = as_real(context, step[1], what);
        if (!a || !b) return poison(where);
        const Operation operation{context, term, step[0], step[1], *a, *b, where};
        return term.op == BinaryOperator::matmul ? matmul(operation) : elementwise(operation);
      });
  result.where = where;
  if (!result.is_poison()) result.origin = {OriginKind::expression, "", where};
  return result;
}

}  // namespace coil::semantics
