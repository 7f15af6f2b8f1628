#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/differentiate.hpp"
#include "compiler/passes/runner.hpp"

#include "tests/passes/gradient_check.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/random_graph.hpp"

namespace coil::test::gradients_test {
namespace {

constexpr double tolerance = 1e-6;
constexpr std::uint64_t graphs_per_case = cases(24);

Graph run(const char* pass, const Graph& graph) {
  Runner runner;
  return runner.run_one(*find_pass(pass), graph);
}

std::int64_t batch_of(std::uint64_t seed) {
  return std::vector<std::int64_t>{1, 2, 3, 5}[seed % 4];
}

GradientReport check(const OpCase& op_case, std::uint64_t seed) {
  Rng rng(seed);
  const Graph loss = with_loss(op_case.build(rng));
  const std::int64_t batch = batch_of(seed);
  const Feeds feeds = feeds_of_loss(loss, batch, seed + 1000, op_case.ranges);
  return check_gradients(loss, run("differentiate", run("record_scans", loss)), feeds, batch);
}

// The derived graph with every gradient multiplied by `factor`.
Graph with_gradients(const Graph& derived, double factor) {
  Graph spoiled = derived;
  Builder build(spoiled);
  for (Output& output : spoiled.outputs)
    if (output.kind == OutputKind::gradient)
      output.value = build.add(
          Op::mul, {output.value, build.constant(factor, spoiled.type(output.value).shape)});
  return spoiled;
}

struct Prepared {
  Graph loss, derived;
  Feeds feeds;
};

Prepared prepare_char3() {
  const Graph loss = run("attach_loss", char3_graph());
  return {loss, run("differentiate", loss), random_feeds(loss, 3, 5)};
}

}  // namespace

TEST_CASE("the gradient rule of every op agrees with central differences") {
  for (const OpCase& op_case : op_cases()) {
    if (op_case.differentiable == Differentiable::no) continue;
    INFO(op_case.name);
    std::uint64_t with_gradient = 0;
    for (std::uint64_t seed = 0; seed < graphs_per_case; ++seed) {
      const GradientReport report = check(op_case, seed);
      INFO("seed " << seed << ", weight " << report.where);
      CHECK(report.error < tolerance);
      // A random body leaves operands unused: those have none.
      const double top = op_case.op == Op::scan ? report.top : report.smallest_top;
      if (top > 1e-3) ++with_gradient;
    }
    // x - x and x / x have none; elsewhere most graphs have a gradient by every one of their weights.
    const bool is_constant =
        op_case.name == "sub/same operand" || op_case.name == "div/same operand";
    if (!is_constant) CHECK(with_gradient > graphs_per_case / 4);
  }
}

TEST_CASE("every op with a gradient rule has a differentiable case") {
  const std::vector<Op> without_rule = {Op::input,        Op::weight,      Op::state,
                                        Op::constant,     Op::scatter_add, Op::fused_matmul, Op::fused_elementwise,
                                        Op::relu_grad,    Op::tanh_grad,   Op::sigmoid_grad,
                                        Op::softmax_grad, Op::adam,        Op::hard_sigmoid_grad,
                                        Op::global_norm,  Op::sgd,         Op::to_bf16,
                                        Op::recurrent_grad, Op::to_int8,     Op::column_scales,
                                        Op::to_int8_columns};
#define COIL_CHECK(op_name)                                                                      \
  {                                                                                              \
    bool found = false;                                                                          \
    for (const OpCase& op_case : op_cases())                                                     \
      found =                                                                                    \
          found || (op_case.op == Op::op_name && op_case.differentiable == Differentiable::yes); \
    INFO(#op_name);                                                                              \
    CHECK(found != (std::ranges::find(without_rule, Op::op_name) != without_rule.end()));        \
  }
  COIL_FOR_EACH_OP(COIL_CHECK)
#undef COIL_CHECK
}

TEST_CASE("the check of gradients fails where all gradients are zero, or slightly wrong") {
  const auto [loss, derived, feeds] = prepare_char3();
  CHECK(check_gradients(loss, derived, feeds, 3).error < tolerance);
  const GradientReport zero = check_gradients(loss, with_gradients(derived, 0), feeds, 3);
  CHECK(zero.error > 0.9);
  CHECK(zero.smallest_top == 0);
  CHECK(check_gradients(loss, with_gradients(derived, -1), feeds, 3).error > 1);
  CHECK(check_gradients(loss, with_gradients(derived, 1.00001), feeds, 3).error > tolerance);
  CHECK(element_error(NAN, 1, 1) > 1);
  CHECK(element_error(0, 1e-4, 1e-4) > 0.5);
}

TEST_CASE("the cases of hard_sigmoid cover both clipped ends and what lies between") {
  for (const OpCase& op_case : op_cases()) {
    if (op_case.op != Op::hard_sigmoid && op_case.op != Op::hard_sigmoid_grad) continue;
    int below = 0, between = 0, above = 0;
    for (std::uint64_t seed = 0; seed < graphs_per_case; ++seed) {
      Rng rng(seed);
      const Feeds feeds = random_feeds(op_case.build(rng), 3, seed, op_case.ranges);
      for (double x : feeds.at("x").values) ++(x < -2.5 ? below : x > 2.5 ? above : between);
    }
    INFO(op_case.name);
    CHECK(std::min({below, between, above}) > of_cases(10, 7));
  }
}

TEST_CASE("the gradients of Char3, its weights used up to three times, agree with differences") {
  const auto [loss, derived, feeds] = prepare_char3();
  for (std::int64_t batch : {1, 4}) {
    const Feeds fed = random_feeds(loss, batch, static_cast<std::uint64_t>(batch));
    const GradientReport report = check_gradients(loss, derived, fed, batch);
    INFO(report.where);
    CHECK(report.error < tolerance);
    CHECK(report.smallest_top > 1e-3);
  }
}

TEST_CASE("a weight used three times gets the sum of its three parts") {
  Sketch sketch;
  const Value x = sketch.input({{batch_dim, 3}}, "x"), w = sketch.weight({{3, 3}}, "w");
  const auto by_w = [&](Value v) {
    return sketch.add(Op::tanh, {sketch.add(Op::matmul, {v, w}, MatmulAttributes{})});
  };
  const Graph loss = with_loss(sketch.finish(by_w(by_w(by_w(x)))));
  const Graph derived = run("differentiate", loss);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::int64_t batch = batch_of(seed);
    const GradientReport report =
        check_gradients(loss, derived, feeds_of_loss(loss, batch, seed, {}), batch);
    CHECK(report.error < tolerance);
    CHECK(report.smallest_top > 1e-3);
  }
}

TEST_CASE("random graphs have the gradients of central differences") {
  int with_gradient = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Rng rng(seed);
    const Graph loss = run("attach_loss", random_trainable_graph(rng));
    const GradientReport report =
        check_gradients(loss, run("differentiate", loss), random_feeds(loss, 2, seed), 2);
    INFO("seed " << seed << ", weight " << report.where);
    CHECK(report.error < tolerance);
    with_gradient += report.top > 1e-3;
  }
  CHECK(with_gradient > 50);
}

TEST_CASE("a weight that the loss does not see has a gradient of zeros, and survives elimination") {
  Sketch sketch;
  const Value x = sketch.input({{batch_dim, 2}}, "x"), w = sketch.weight({{2, 2}}, "w");
  sketch.weight({{3}}, "unseen");
  const Graph loss = with_loss(sketch.finish(sketch.add(Op::matmul, {x, w}, MatmulAttributes{})));
  const Graph derived = run("eliminate_dead", run("canonicalise", run("differentiate", loss)));
  const auto outputs = evaluate(derived, feeds_of_loss(loss, 2, 1, {}), 2);
  CHECK(outputs.at("gradient:unseen").values == std::vector<double>{0, 0, 0});
}

TEST_CASE("a graph without a loss is not differentiated") {
  CHECK_THROWS_WITH(run("differentiate", char3_graph()),
                    "in pass differentiate: a graph without a loss is not differentiated");
}

}  // namespace coil::test::gradients_test
