// Dropout, from what the model says to masks and gradients.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/graph/verify.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/runner.hpp"

#include "tests/passes/gradient_check.hpp"

namespace coil::test {
namespace {

Graph run(const char* pass, const Graph& graph) {
  PassRow row = *find_pass(pass);
  row.establishes = nullptr;
  return Runner().run_one(row, graph);
}

// A recurrence with a dropout in its body, and one over its head.
Graph model() {
  Sketch body, sketch("Drops");
  const Shape rows{{batch_dim, 4}};
  const Value x = body.input(rows), h = body.input(rows), u = body.input({{4, 4}});
  const Value kept = body.add(Op::dropout, {h}, DropoutAttributes{0.25, 0});
  const Value product = body.add(Op::matmul, {kept, u}, MatmulAttributes{});
  body.output(body.add(Op::tanh, {body.add(Op::add, {x, product})}));
  const ScanAttributes scan{3, 1, 1, false, make_body(body.finish())};
  const Value last = sketch.add(Op::scan,
                                {sketch.input({{batch_dim, 3, 4}}, "x"),
                                 sketch.build.constant(0.5, rows), sketch.weight({{4, 4}}, "U")},
                                scan);
  const Value head = sketch.add(Op::dropout, {last}, DropoutAttributes{0.5, 1});
  const Value logits =
      sketch.add(Op::matmul, {head, sketch.weight({{4, 3}}, "V")}, MatmulAttributes{});
  return sketch.finish(sketch.add(Op::softmax, {logits}));
}

Array dropped(double rate, std::int64_t layer, double seed, double step, std::int64_t size) {
  Sketch sketch;
  const Value x = sketch.build.constant(1, {{size}});
  const Graph graph = sketch.finish(
      sketch.add(Op::dropout, {x, sketch.build.constant(seed), sketch.build.constant(step)},
                 DropoutAttributes{rate, layer}));
  return evaluate(graph, {}, 1).at("output0");
}

Feeds feeds_of(const Graph& graph, double step) {
  Feeds feeds = random_feeds(graph, 2, 3);
  feeds["train.seed"] = {{}, {7}};
  feeds["train.step"] = {{}, {step}};
  return feeds;
}

}  // namespace

TEST_CASE("a mask drops its share, scales the rest, and depends on all its numbers") {
  const Array mask = dropped(0.25, 1, 2, 3, 10'000);
  const auto zeros = std::ranges::count(mask.values, 0.0);
  CHECK(std::abs(static_cast<double>(zeros) - 2500) < 200);
  CHECK(std::ranges::all_of(mask.values, [](double y) { return y == 0 || y == 1 / 0.75; }));
  CHECK(dropped(0.25, 1, 2, 3, 10'000).values == mask.values);
  CHECK(dropped(0.25, 0, 2, 3, 10'000).values != mask.values);
  CHECK(dropped(0.25, 1, 3, 3, 10'000).values != mask.values);
  CHECK(dropped(0.25, 1, 2, 4, 10'000).values != mask.values);
  CHECK(std::ranges::count(dropped(0, 1, 2, 3, 1000).values, 1.0) == 1000);
}

TEST_CASE("what predicts drops nothing") {
  const Graph graph = model();
  const Graph entry = Runner().derive(graph, Entry::predict);
  CHECK(to_text(entry).find("dropout") == std::string::npos);
  const Feeds feeds = random_feeds(graph, 2, 1);
  CHECK(distance(evaluate(graph, feeds, 2), evaluate(entry, feeds, 2)) <= 1e-12);
}

TEST_CASE("training drops by seed and step, in bodies too, and gradients pass where values did") {
  const Graph loss = run("attach_dropout", run("attach_loss", model()));
  REQUIRE(why_malformed(loss) == std::nullopt);
  const Graph graph = run("eliminate_dead", run("differentiate", run("record_scans", loss)));
  double before = 0;
  for (const double step : {1.0, 2.0, 3.0}) {
    const Feeds feeds = feeds_of(loss, step);
    const GradientReport report = check_gradients(loss, graph, feeds, 2);
    INFO(report.where << " at step " << step);
    CHECK(report.error < 1e-6);
    const double now = evaluate(loss, feeds, 2).at("loss").values[0];
    CHECK(now != before);
    before = now;
  }
}

TEST_CASE("a training step counts its dropouts by a number that no optimizer starts anew") {
  const Graph step = Runner().derive(model(), Entry::train_step);
  std::vector<std::string> inputs;
  for (const NodeId id : leaves(step, Op::input)) inputs.emplace_back(leaf_name(step.node(id)));
  std::ranges::sort(inputs);
  CHECK(inputs == std::vector<std::string>{"train.clip", "train.decay", "train.rate", "train.seed",
                                           "train.step", "train.target", "train.update", "x"});
  CHECK(std::ranges::count(step.nodes(), Op::dropout, &Node::op) >= 4);
}

}  // namespace coil::test
