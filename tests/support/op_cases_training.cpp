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

OpCase global_norm(std::size_t tensors) {
  const auto build = [tensors](Rng& rng) {
    Sketch sketch;
    std::vector<Value> operands;
    for (std::size_t i = 0; i < tensors; ++i)
      operands.push_back(sketch.input(random_fixed_shape(rng, 0, 3), fmt::format("g{}", i)));
    return sketch.finish(sketch.add(Op::global_norm, operands));
  };
  return {fmt::format("global_norm/{} tensors", tensors),
          Op::global_norm,
          Differentiable::no,
          build,
          {}};
}

struct Optimizing {
  Op op;
  Attributes attributes;
  const char* second;
  std::vector<const char*> moments;
};

std::vector<Value> leaves_of(Sketch& sketch, const Optimizing& optimizer,
                             const std::vector<Shape>& shapes) {
  std::vector<Value> operands;
  for (const char* scalar : {"rate", optimizer.second, "norm", "clip", "decay"})
    operands.push_back(sketch.input({}, scalar));
  for (std::size_t i = 0; i < shapes.size(); ++i)
    operands.push_back(sketch.weight(shapes[i], fmt::format("w{}", i)));
  for (std::size_t i = 0; i < shapes.size(); ++i)
    operands.push_back(sketch.input(shapes[i], fmt::format("g{}", i)));
  for (const char* moment : optimizer.moments)
    for (std::size_t i = 0; i < shapes.size(); ++i)
      operands.push_back(sketch.state(shapes[i], fmt::format("{}{}", moment, i)));
  return operands;
}

// `second` is the scalar behind the rate: Adam's step, SGD's momentum.
OpCase update(const Optimizing& optimizer, std::size_t weights, double second, bool clips) {
  const auto build = [=](Rng& rng) {
    Sketch sketch;
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < weights; ++i) shapes.push_back(random_fixed_shape(rng, 0, 3));
    const std::vector<Value> operands = leaves_of(sketch, optimizer, shapes);
    const NodeId node = sketch.build.node(optimizer.op, optimizer.attributes, operands);
    const auto results = static_cast<std::uint32_t>((1 + optimizer.moments.size()) * weights);
    for (std::uint32_t i = 0; i < results; ++i) sketch.output({node, i});
    return sketch.finish();
  };
  Ranges ranges{{"rate", {0.0005, 0.05, {}}},
                {optimizer.second, {second, second, {}}},
                {"norm", {1, 2, {}}},
                {"clip", clips ? Range{0.25, 0.5, {}} : Range{3, 4, {}}},
                {"decay", {0, 1, {}}}};
  for (std::size_t i = 0; i < weights; ++i)
    ranges[fmt::format("variance{}", i)] = {0.0001, 0.5, {}};
  return {fmt::format("{}/{} weights, {} {}, {}", to_string(optimizer.op), weights,
                      optimizer.second, second, clips ? "clipped" : "whole"),
          optimizer.op, Differentiable::no, build, ranges};
}

}  // namespace

std::vector<OpCase> training_cases() {
  std::vector<OpCase> cases{softmax(), cross_entropy()};
  const Optimizing adam{Op::adam, AdamAttributes{}, "step", {"mean", "variance"}};
  const Optimizing sgd{Op::sgd, NoAttributes{}, "momentum", {"velocity"}};
  for (const std::size_t tensors : {1, 2, 5}) cases.push_back(global_norm(tensors));
  for (const std::size_t weights : {1, 2, 3})
    for (const bool clips : {false, true}) {
      for (const double step : {1.0, 1000.0}) cases.push_back(update(adam, weights, step, clips));
      for (const double momentum : {0.0, 0.9})
        cases.push_back(update(sgd, weights, momentum, clips));
    }
  return cases;
}

}  // namespace coil::test
