// Gradients through scans: random recurrences against central differences, before and after what is not needed
// was dropped, rolled and unrolled.

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/graph/text.hpp"
#include "compiler/graph/verify.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/runner.hpp"
#include "compiler/passes/unroll.hpp"

#include "tests/passes/gradient_check.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/random_scan.hpp"

namespace coil::test::scan_gradients_test {
namespace {

constexpr double tolerance = 1e-6;

Graph run(const char* pass, const Graph& graph) {
  PassRow row = *find_pass(pass);
  row.establishes = nullptr;
  return Runner().run_one(row, graph);
}

Graph derived(const Graph& loss) { return run("differentiate", run("record_scans", loss)); }
Graph swept(const Graph& graph) { return run("eliminate_dead", graph); }

Graph loss_of(Graph graph) {
  std::erase_if(graph.outputs, [](const Output& o) { return o.kind == OutputKind::update; });
  return run("attach_loss", graph);
}

Graph random_loss(std::uint64_t seed) {
  Rng rng(seed);
  return loss_of(random_trainable_recurrence(rng));
}

// The graph with its scans changed.
template <typename Change>
Graph with_scans(const Graph& graph, Change change) {
  Graph changed;
  changed.name = graph.name;
  changed.outputs = graph.outputs;
  for (Node node : graph.nodes()) {
    if (auto* scan = std::get_if<ScanAttributes>(&node.attributes)) change(*scan);
    changed.append(std::move(node));
  }
  return changed;
}

std::size_t count_scans(const Graph& graph) {
  return static_cast<std::size_t>(std::ranges::count(graph.nodes(), Op::scan, &Node::op));
}

std::size_t count_weight_products(const Graph& graph) {
  return static_cast<std::size_t>(std::ranges::count_if(graph.nodes(), [](const Node& node) {
    const auto* product = std::get_if<MatmulAttributes>(&node.attributes);
    return product && product->transpose_a;
  }));
}

// An LSTM over a sequence: i, f, o, g of x @ W + h @ U + b each, c' = f c + i g, h' = o tanh(c').
Graph lstm() {
  const std::int64_t steps = 3, units = 2;
  const Shape rows{{batch_dim, units}};
  Sketch body, sketch("lstm");
  const Value x = body.input(rows), h = body.input(rows), c = body.input(rows);
  std::vector<Value> gates, operands{sketch.input({{batch_dim, steps, units}}, "x"),
                                     sketch.state(rows, "h"), sketch.state(rows, "c")};
  for (int gate = 0; gate < 4; ++gate) {
    const auto product = [&](Value left) {
      return body.add(Op::matmul, {left, body.input({{units, units}})}, MatmulAttributes{});
    };
    const Value from_x = product(x), from_h = product(h);
    const Value sum =
        body.add(Op::add, {body.add(Op::add, {from_x, from_h}), body.input({{units}})});
    gates.push_back(body.add(gate == 3 ? Op::tanh : Op::sigmoid, {sum}));
    for (const char* kind : {"W", "U", "b"})
      operands.push_back(sketch.weight(kind[0] == 'b' ? Shape{{units}} : Shape{{units, units}},
                                       kind + std::to_string(gate)));
  }
  const Value next_c = body.add(
      Op::add, {body.add(Op::mul, {gates[1], c}), body.add(Op::mul, {gates[0], gates[3]})});
  const Value next_h = body.add(Op::mul, {gates[2], body.add(Op::tanh, {next_c})});
  body.output(next_h);
  body.output(next_c);
  body.output(next_h);
  const NodeId scan = sketch.build.node(
      Op::scan, ScanAttributes{steps, 1, 2, false, make_body(body.finish())}, operands);
  const Value logits =
      sketch.add(Op::matmul, {{scan, 2}, sketch.weight({{units, 3}}, "V")}, MatmulAttributes{});
  sketch.output(sketch.add(Op::softmax, {logits}), "output");
  sketch.output({scan, 0}, "h", OutputKind::update);
  sketch.output({scan, 1}, "c", OutputKind::update);
  return sketch.finish();
}

Graph lstm_loss() { return loss_of(lstm()); }

}  // namespace

TEST_CASE("random recurrences have the gradients of central differences") {
  std::uint64_t with_gradient = 0, nonzero = 0, weights = 0;
  for (std::uint64_t seed = 0; seed < cases(120); ++seed) {
    const Graph loss = random_loss(seed);
    const Graph graph = derived(loss);
    INFO("seed " << seed << "\n" << to_text(loss));
    REQUIRE(why_malformed(graph) == std::nullopt);
    const std::int64_t batch = seed % 2 == 0 ? 1 : 3;
    const Feeds feeds = random_feeds(loss, batch, seed);
    for (const Graph& form : {graph, swept(graph), unroll(graph)}) {
      const GradientReport report = check_gradients(loss, form, feeds, batch);
      INFO(report.where);
      CHECK(report.error < tolerance);
      with_gradient += report.top > 1e-3;
    }
    for (const auto& [name, array] : evaluate(graph, feeds, batch)) {
      if (!name.starts_with("gradient:")) continue;
      ++weights;
      nonzero += std::ranges::any_of(array.values, [](double g) { return g != 0; });
    }
  }
  CHECK(with_gradient > 3 * cases(100));
  CHECK(nonzero > cases(200));
  CHECK(weights > nonzero);
}

TEST_CASE("sweeping changes no value, and leaves nothing to sweep") {
  int smaller = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Graph graph = derived(random_loss(seed));
    const Graph once = swept(graph);
    INFO(to_text(once));
    CHECK(to_text(swept(once)) == to_text(once));
    const Feeds feeds = random_feeds(graph, 2, seed);
    CHECK(distance(evaluate(graph, feeds, 2), evaluate(once, feeds, 2)) == 0);
    smaller += to_text(once).size() < to_text(graph).size();
  }
  CHECK(smaller == 60);
}

TEST_CASE("the gradient of an LSTM is one scan back, and one product a weight over all steps") {
  const Graph loss = lstm_loss();
  const Graph graph = swept(derived(loss));
  REQUIRE(why_malformed(graph) == std::nullopt);
  CHECK(count_scans(graph) == 2);
  CHECK(count_weight_products(graph) == 4 + 4 + 1);
  for (const Node& node : graph.nodes()) {
    const auto* scan = std::get_if<ScanAttributes>(&node.attributes);
    if (!scan) continue;
    CHECK(count_weight_products(*scan->body.graph) == 0);
    CHECK(std::ranges::count(scan->body.graph->nodes(), Op::sum_to, &Node::op) == 0);
    if (scan->reverse) CHECK(scan->carries == 2);
  }
  for (const std::int64_t batch : {1, 4}) {
    const GradientReport report = check_gradients(loss, graph, random_feeds(loss, batch, 7), batch);
    INFO(report.where);
    CHECK(report.error < tolerance);
    CHECK(report.smallest_top > 1e-4);
  }
}

TEST_CASE("a wrong rule is seen: steps in the wrong order, a step too early, a carry let go") {
  const Graph loss = lstm_loss();
  const Graph graph = swept(derived(loss));
  const Feeds feeds = random_feeds(loss, 3, 7);
  const auto error = [&](auto change) {
    return check_gradients(loss, with_scans(graph, change), feeds, 3).error;
  };
  CHECK(error([](ScanAttributes&) {}) < tolerance);
  CHECK(error([](ScanAttributes& scan) { scan.reverse = false; }) > 1e-3);
  // The backward scan forgets the gradient of one carry.
  for (const std::size_t carry : {0, 1})
    CHECK(error([carry](ScanAttributes& scan) {
            if (!scan.reverse) return;
            Graph body = *scan.body.graph;
            const Value kept = body.outputs[carry].value;
            body.outputs[carry].value = Builder(body).constant(0, Shape(body.type(kept).shape));
            scan.body = make_body(std::move(body));
          }) > 1e-3);
}

TEST_CASE("a scan that was not recorded is not differentiated") {
  CHECK_THROWS_WITH(run("differentiate", lstm_loss()),
                    "in pass differentiate: a scan is recorded before it is differentiated");
}

TEST_CASE("a tied weight, used in the body and outside, gets the sum of all its parts") {
  // h' = tanh((x + h) @ W) and logits y @ W.
  Sketch body, sketch;
  const Shape rows{{batch_dim, 3}};
  const Value x = body.input(rows), h = body.input(rows), w = body.input({{3, 3}});
  const Value next = body.add(
      Op::tanh, {body.add(Op::matmul, {body.add(Op::add, {x, h}), w}, MatmulAttributes{})});
  body.output(next);
  body.output(next);
  const Value weight = sketch.weight({{3, 3}}, "W");
  const NodeId scan =
      sketch.build.node(Op::scan, ScanAttributes{4, 1, 1, false, make_body(body.finish())},
                        {sketch.input({{batch_dim, 4, 3}}), sketch.state(rows), weight});
  sketch.output(
      sketch.add(Op::softmax, {sketch.add(Op::matmul, {{scan, 1}, weight}, MatmulAttributes{})}));
  const Graph loss = run("attach_loss", sketch.finish());
  const Graph graph = swept(derived(loss));
  CHECK(count_weight_products(graph) == 2);
  const GradientReport report = check_gradients(loss, graph, random_feeds(loss, 3, 1), 3);
  CHECK(report.error < tolerance);
  CHECK(report.smallest_top > 1e-3);
}

}  // namespace coil::test::scan_gradients_test
