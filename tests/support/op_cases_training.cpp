#include <fmt/format.h>

#include "tests/support/op_cases.hpp"

namespace coil::test {
namespace {

// Rows of a distribution: none, a batch, or a batch of steps.
Shape random_distributions(Rng& rng) {
  Shape shape = random_fixed_shape(rng, 1, 3);
  if (shape.rank() > 1 && rng.coin()) shape.dims.front() = batch_dim;
  return shape;
}

OpCase softmax() {
  const auto build = [](Rng& rng) {
    Sketch sketch;
    const Value x = sketch.operand(random_distributions(rng), rng, "x");
    return sketch.finish(sketch.add(Op::softmax, {x}));
  };
  return {"softmax", Op::softmax, Differentiable::yes, build, {{"x", {-4, 4, {}}}}};
}

OpCase cross_entropy() {
  const auto build = [](Rng& rng) {
    Sketch sketch;
    Shape shape = random_distributions(rng);
    const Value logits = sketch.operand(shape, rng, "logits");
    const std::int64_t classes = shape.last();
    shape.dims.pop_back();
    const Value target = sketch.index(shape, rng.between(1, classes), "target");
    const Value loss = sketch.add(Op::cross_entropy, {logits, target});
    sketch.output(loss, "loss");
    sketch.output({loss.node, 1}, "by_logits");
    return sketch.finish();
  };
  return {
      "cross_entropy", Op::cross_entropy, Differentiable::yes, build, {{"logits", {-4, 4, {}}}}};
}

std::vector<Value> leaves_of_adam(Sketch& sketch, const std::vector<Shape>& shapes) {
  std::vector<Value> operands{sketch.input({}, "rate"), sketch.input({}, "step")};
  for (std::size_t i = 0; i < shapes.size(); ++i)
    operands.push_back(sketch.weight(shapes[i], fmt::format("w{}", i)));
  for (std::size_t i = 0; i < shapes.size(); ++i)
    operands.push_back(sketch.input(shapes[i], fmt::format("g{}", i)));
  for (const char* moment : {"mean", "variance"})
    for (std::size_t i = 0; i < shapes.size(); ++i)
      operands.push_back(sketch.state(shapes[i], fmt::format("{}{}", moment, i)));
  return operands;
}

OpCase adam(std::size_t weights, double step) {
  const auto build = [weights](Rng& rng) {
    Sketch sketch;
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < weights; ++i) shapes.push_back(random_fixed_shape(rng, 0, 3));
    const std::vector<Value> operands = leaves_of_adam(sketch, shapes);
    const NodeId node = sketch.build.node(Op::adam, AdamAttributes{}, operands);
    for (std::uint32_t i = 0; i < 3 * weights; ++i) sketch.output({node, i});
    return sketch.finish();
  };
  Ranges ranges{{"rate", {0.0005, 0.05, {}}}, {"step", {step, step, {}}}};
  for (std::size_t i = 0; i < weights; ++i)
    ranges[fmt::format("variance{}", i)] = {0.0001, 0.5, {}};
  return {fmt::format("adam/{} weights at step {}", weights, step), Op::adam, Differentiable::no,
          build, ranges};
}

}  // namespace

std::vector<OpCase> training_cases() {
  std::vector<OpCase> cases{softmax(), cross_entropy()};
  for (const std::size_t weights : {1, 2, 3})
    for (const double step : {1.0, 1000.0}) cases.push_back(adam(weights, step));
  return cases;
}

}  // namespace coil::test
