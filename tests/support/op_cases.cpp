#include "tests/support/op_cases.hpp"

#include "compiler/graph/op_record.hpp"

namespace coil::test {
namespace {

const Range positive{0.4, 2.5, {}};
const Range around_zero{-2, 2, {0}};
// hard_sigmoid is clipped below -2.5 and above 2.5.
const Range around_clips{-5, 5, {-2.5, 2.5}};

OpCase unary(Op op, Range range) {
  const auto build = [op](Rng& rng) {
    Sketch sketch;
    const Value x = sketch.operand(random_shape(rng), rng, "x");
    return sketch.finish(sketch.add(op, {x}));
  };
  return {std::string(to_string(op)), op, Differentiable::yes, build, {{"x", std::move(range)}}};
}

OpCase binary(Op op, Range right = {}) {
  const auto build = [op](Rng& rng) {
    Sketch sketch;
    const Shape shape = random_shape(rng);
    const Value a = sketch.operand(rng.coin() ? shape : shrunk(shape, rng), rng, "a");
    const Value b = sketch.operand(rng.coin() ? shape : shrunk(shape, rng), rng, "b");
    return sketch.finish(sketch.add(op, {a, b}));
  };
  return {std::string(to_string(op)), op, Differentiable::yes, build, {{"b", std::move(right)}}};
}

// Sums and products of three and more.
OpCase many(Op op) {
  const auto build = [op](Rng& rng) {
    Sketch sketch;
    const Shape shape = random_shape(rng);
    std::vector<Value> operands;
    for (std::int64_t i = rng.between(3, 5); i > 0; --i)
      operands.push_back(rng.chance(0.2) && !operands.empty()
                             ? rng.pick(operands)
                             : sketch.operand(rng.coin() ? shape : shrunk(shape, rng), rng));
    return sketch.finish(sketch.add(op, operands));
  };
  return {std::string(to_string(op)) + "/many", op, Differentiable::yes, build, {}};
}

// Both operands one value.
OpCase squared(Op op, Range range = {}) {
  const auto build = [op](Rng& rng) {
    Sketch sketch;
    const Value x = sketch.operand(random_shape(rng), rng, "x");
    return sketch.finish(sketch.add(op, {x, x}));
  };
  return {std::string(to_string(op)) + "/same operand",
          op,
          Differentiable::yes,
          build,
          {{"x", std::move(range)}}};
}

// grad(g, f(x)), so that the result told from is one that f gives.
OpCase gradient_of(Op grad, Op forward, Range range) {
  const auto build = [grad, forward](Rng& rng) {
    Sketch sketch;
    const Shape shape = forward == Op::softmax ? random_fixed_shape(rng, 1, 3) : random_shape(rng);
    const Value x = sketch.operand(shape, rng, "x");
    const Value g = sketch.operand(shape, rng, "g");
    return sketch.finish(sketch.add(grad, {g, sketch.add(forward, {x})}));
  };
  return {std::string(to_string(grad)), grad, Differentiable::no, build, {{"x", std::move(range)}}};
}

OpCase leaf(Op op, std::function<Value(Sketch&, Rng&)> make) {
  const auto build = [make](Rng& rng) {
    Sketch sketch;
    return sketch.finish(make(sketch, rng));
  };
  return {std::string(to_string(op)), op, Differentiable::no, build, {}};
}

std::vector<OpCase> leaf_cases() {
  return {
      leaf(Op::input, [](Sketch& s, Rng& rng) { return s.input(random_shape(rng)); }),
      leaf(Op::weight, [](Sketch& s, Rng& rng) { return s.weight(random_fixed_shape(rng, 0, 3)); }),
      leaf(Op::state, [](Sketch& s, Rng& rng) { return s.state(random_shape(rng)); }),
      leaf(Op::constant,
           [](Sketch& s, Rng& rng) {
             return s.build.constant(rng.uniform(-2, 2), random_shape(rng));
           }),
  };
}

OpCase dropout(bool trains) {
  const auto build = [trains](Rng& rng) {
    Sketch sketch;
    std::vector<Value> operands{sketch.operand(random_shape(rng), rng, "x")};
    if (trains) operands.push_back(sketch.build.constant(static_cast<double>(rng.between(0, 9))));
    if (trains) operands.push_back(sketch.build.constant(static_cast<double>(rng.between(1, 9))));
    const DropoutAttributes attributes{rng.pick<double>({0, 0.1, 0.5}), rng.between(0, 2)};
    return sketch.finish(sketch.add(Op::dropout, operands, attributes));
  };
  return {trains ? "dropout/in training" : "dropout", Op::dropout, Differentiable::yes, build, {}};
}

OpCase sum_to() {
  const auto build = [](Rng& rng) {
    Sketch sketch;
    const Shape shape = random_shape(rng);
    const Value x = sketch.operand(shape, rng, "x");
    return sketch.finish(sketch.add(Op::sum_to, {x}, ShapeAttributes{shrunk(shape, rng)}));
  };
  return {"sum_to", Op::sum_to, Differentiable::yes, build, {}};
}

OpCase broadcast_to() {
  const auto build = [](Rng& rng) {
    Sketch sketch;
    const Shape shape = random_shape(rng);
    const Value x = sketch.operand(shrunk(shape, rng), rng, "x");
    return sketch.finish(sketch.add(Op::broadcast_to, {x}, ShapeAttributes{shape}));
  };
  return {"broadcast_to", Op::broadcast_to, Differentiable::yes, build, {}};
}

}  // namespace

std::vector<OpCase> elementwise_cases() {
  return {
      binary(Op::add),
      binary(Op::sub),
      binary(Op::mul),
      binary(Op::div, positive),
      many(Op::add),
      many(Op::mul),
      squared(Op::add),
      squared(Op::sub),
      squared(Op::mul),
      squared(Op::div, positive),
      unary(Op::neg, {}),
      unary(Op::exp, {}),
      unary(Op::log, positive),
      unary(Op::relu, around_zero),
      unary(Op::tanh, {}),
      unary(Op::sigmoid, {-3, 3, {}}),
      unary(Op::hard_sigmoid, around_clips),
      gradient_of(Op::relu_grad, Op::relu, around_zero),
      gradient_of(Op::tanh_grad, Op::tanh, {}),
      gradient_of(Op::sigmoid_grad, Op::sigmoid, {-3, 3, {}}),
      gradient_of(Op::hard_sigmoid_grad, Op::hard_sigmoid, around_clips),
      gradient_of(Op::softmax_grad, Op::softmax, {}),
      dropout(false),
      dropout(true),
      sum_to(),
      broadcast_to(),
  };
}

const std::vector<OpCase>& op_cases() {
  static const std::vector<OpCase> all = [] {
    std::vector<OpCase> cases = leaf_cases();
    for (const auto& family : {elementwise_cases(), product_cases(), rounding_cases(), fused_cases(),
                               parts_cases(), recurrent_cases(), training_cases()})
      cases.insert(cases.end(), family.begin(), family.end());
    return cases;
  }();
  return all;
}

}  // namespace coil::test
