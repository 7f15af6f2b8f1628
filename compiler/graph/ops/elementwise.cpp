// Element-wise ops. Those of several operands broadcast; their gradients are summed back to each operand's
// shape. Sums and products take any number of operands, from the left.

#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"
#include "compiler/graph/ops/scalar.hpp"

namespace coil::records {
namespace {

Inferred infer_unary(std::span<const Type> x, const Attributes&) {
  if (x[0].element != Element::real) return refuses("takes reals, not {}", to_string(x[0]));
  return fits(x[0]);
}

Inferred infer_binary(std::span<const Type> x, const Attributes&) {
  for (const Type& type : x)
    if (type.element != Element::real) return refuses("takes reals, not {}", to_string(type));
  Shape shape = x[0].shape;
  for (const Type& type : x.subspan(1)) {
    const auto wider = broadcast(shape, type.shape);
    if (!wider) return refuses("{} and {} do not fit", to_string(real(shape)), to_string(type));
    shape = *wider;
  }
  if (auto why = why_invalid(shape)) return refuses("{}", *why);
  return fits(real(shape));
}

Inferred infer_gradient(std::span<const Type> x, const Attributes& attributes) {
  if (x[0] != x[1])
    return refuses("the gradient is {}, the result {}", to_string(x[0]), to_string(x[1]));
  return infer_unary(x, attributes);
}

template <double (*f)(double)>
void map(const Attributes&, std::span<const Array* const> x, std::span<Array> y) {
  for (std::size_t i = 0; i < y[0].values.size(); ++i) y[0].values[i] = f(x[0]->values[i]);
}

template <double (*f)(double, double)>
void zip(const Attributes&, std::span<const Array* const> x, std::span<Array> y) {
  for (std::size_t i = 0; i < y[0].values.size(); ++i)
    y[0].values[i] = f(x[0]->values[source_index(i, y[0].dims, x[0]->dims)],
                       x[1]->values[source_index(i, y[0].dims, x[1]->dims)]);
}

// f(f(x0, x1), x2) ...
template <double (*f)(double, double)>
void fold(const Attributes&, std::span<const Array* const> x, std::span<Array> y) {
  for (std::size_t i = 0; i < y[0].values.size(); ++i) {
    double sum = x[0]->values[source_index(i, y[0].dims, x[0]->dims)];
    for (const Array* operand : x.subspan(1))
      sum = f(sum, operand->values[source_index(i, y[0].dims, operand->dims)]);
    y[0].values[i] = sum;
  }
}

using Gradients = std::vector<std::optional<Value>>;

// d/dx of y = f(x), told from y by the op `Grad`.
template <Op Grad>
Gradients from_result(const GradientRequest& r) {
  return {r.build.add(Grad, {*r.result_gradients[0], result(r)})};
}

Gradients gradient_of_add(const GradientRequest& r) {
  const std::vector<Value> operands = r.graph.node(r.node).operands;
  Gradients gradients;
  for (const Value operand : operands)
    gradients.push_back(sum_back(r.build, *r.result_gradients[0], Shape(shape_of(r, operand))));
  return gradients;
}

Gradients gradient_of_sub(const GradientRequest& r) {
  const Value g = *r.result_gradients[0];
  const Shape left = shape_of(r, operand(r, 0));
  const Shape right = shape_of(r, operand(r, 1));
  return {sum_back(r.build, g, left), sum_back(r.build, r.build.add(Op::neg, {g}), right)};
}

// By each operand: g times all the others.
Gradients gradient_of_mul(const GradientRequest& r) {
  const std::vector<Value> operands = r.graph.node(r.node).operands;
  Gradients gradients;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    std::vector<Value> factors{*r.result_gradients[0]};
    for (std::size_t j = 0; j < operands.size(); ++j)
      if (j != i) factors.push_back(operands[j]);
    const Value by_operand = r.build.add(Op::mul, factors);
    gradients.push_back(sum_back(r.build, by_operand, Shape(shape_of(r, operands[i]))));
  }
  return gradients;
}

// y = a / b: dy/da = 1 / b, dy/db = -y / b.
Gradients gradient_of_div(const GradientRequest& r) {
  const Value a = operand(r, 0), b = operand(r, 1);
  const Shape left = shape_of(r, a), right = shape_of(r, b);
  const Value by_a = r.build.add(Op::div, {*r.result_gradients[0], b});
  const Value by_b = r.build.add(Op::neg, {r.build.add(Op::mul, {by_a, result(r)})});
  return {sum_back(r.build, by_a, left), sum_back(r.build, by_b, right)};
}

Gradients gradient_of_neg(const GradientRequest& r) {
  return {r.build.add(Op::neg, {*r.result_gradients[0]})};
}
Gradients gradient_of_exp(const GradientRequest& r) {
  return {r.build.add(Op::mul, {*r.result_gradients[0], result(r)})};
}
Gradients gradient_of_log(const GradientRequest& r) {
  return {r.build.add(Op::div, {*r.result_gradients[0], operand(r, 0)})};
}

// Operands of one sum or product.
constexpr std::size_t most_terms = 4096;

OpRecord unary(std::string_view name, GradientRule gradient, ReferenceFunction evaluate) {
  return {.name = name,
          .arity = Arity{1, 1},
          .attributes = attribute_kind<NoAttributes>(),
          .trait = Trait::elementwise,
          .infer = infer_unary,
          .gradient = gradient,
          .evaluate = evaluate,
          .may_overwrite = overwrites_any};
}

// Sums and products of many write the result once for every operand after the second.
bool overwrites_first_two(const Node&, std::size_t, std::size_t operand) { return operand < 2; }

OpRecord binary(std::string_view name, Trait trait, GradientRule gradient,
                ReferenceFunction evaluate) {
  const bool commutes = trait == Trait::commutative;
  return {.name = name,
          .arity = Arity{2, commutes ? most_terms : 2},
          .attributes = attribute_kind<NoAttributes>(),
          .trait = trait,
          .infer = infer_binary,
          .gradient = gradient,
          .evaluate = evaluate,
          .may_overwrite = overwrites_first_two};
}

OpRecord gradient_op(std::string_view name, ReferenceFunction evaluate) {
  return {.name = name,
          .arity = Arity{2, 2},
          .attributes = attribute_kind<NoAttributes>(),
          .trait = Trait::elementwise,
          .infer = infer_gradient,
          .gradient = no_gradient,
          .evaluate = evaluate,
          .may_overwrite = overwrites_any};
}

}  // namespace

const OpRecord add = binary("add", Trait::commutative, gradient_of_add, fold<scalar::add>);
const OpRecord sub = binary("sub", Trait::elementwise, gradient_of_sub, zip<scalar::sub>);
const OpRecord mul = binary("mul", Trait::commutative, gradient_of_mul, fold<scalar::mul>);
const OpRecord div = binary("div", Trait::elementwise, gradient_of_div, zip<scalar::div>);
const OpRecord neg = unary("neg", gradient_of_neg, map<scalar::neg>);
const OpRecord exp = unary("exp", gradient_of_exp, map<scalar::exp>);
const OpRecord log = unary("log", gradient_of_log, map<scalar::log>);
const OpRecord relu = unary("relu", from_result<Op::relu_grad>, map<scalar::relu>);
const OpRecord tanh = unary("tanh", from_result<Op::tanh_grad>, map<scalar::tanh>);
const OpRecord sigmoid = unary("sigmoid", from_result<Op::sigmoid_grad>, map<scalar::sigmoid>);
const OpRecord hard_sigmoid =
    unary("hard_sigmoid", from_result<Op::hard_sigmoid_grad>, map<scalar::hard_sigmoid>);
const OpRecord relu_grad = gradient_op("relu_grad", zip<scalar::relu_grad>);
const OpRecord tanh_grad = gradient_op("tanh_grad", zip<scalar::tanh_grad>);
const OpRecord sigmoid_grad = gradient_op("sigmoid_grad", zip<scalar::sigmoid_grad>);
const OpRecord hard_sigmoid_grad = gradient_op("hard_sigmoid_grad", zip<scalar::hard_sigmoid_grad>);

}  // namespace coil::records
