// Colours depend on the computation alone, and tell apart what is not the same in it.

#include "compiler/graph/colours.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "compiler/graph/text.hpp"
#include "compiler/graph/use_order.hpp"
#include "compiler/passes/eliminate_dead.hpp"
#include "compiler/passes/runner.hpp"
#include "compiler/passes/unroll.hpp"

#include "tests/support/random_graph.hpp"
#include "tests/support/random_scan.hpp"
#include "tests/support/sketch.hpp"
#include "tests/support/variants.hpp"

namespace coil::test {
namespace {

using Colour = std::pair<std::uint64_t, std::uint64_t>;

Graph any_graph(std::uint64_t seed) {
  Rng rng(seed);
  if (seed % 4 == 0) return random_scan(rng);
  if (seed % 4 == 1) return random_nested_scan(rng);
  if (seed % 4 == 2) return random_recurrent_graph(rng);
  return random_graph(rng);
}

void collect(const Colours& colours, const Graph& graph, std::vector<Colour>& all) {
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    for (std::uint32_t i = 0; i < node.types.size(); ++i) all.push_back(colours.of(graph, {id, i}));
    if (const auto* scan = std::get_if<ScanAttributes>(&node.attributes))
      collect(colours, *scan->body.graph, all);
  }
}

// Of all values, sorted.
std::vector<Colour> all_colours(const Graph& graph) {
  std::vector<Colour> all;
  collect(Colours(graph), graph, all);
  std::ranges::sort(all);
  return all;
}

// Of the outputs, in their order.
std::vector<Colour> output_colours(const Graph& graph) {
  const Colours colours(graph);
  std::vector<Colour> found;
  for (const Output& output : graph.outputs) found.push_back(colours.of(graph, output.value));
  return found;
}

// The graph with one node that its first output needs changed: another function, or the operands of a
// quotient exchanged. Nothing where it has no node that can be.
std::optional<Graph> mutated(const Graph& graph, Rng& rng) {
  std::vector<NodeId> candidates;
  for (const NodeId id : use_order(graph)) {
    const Node& node = graph.node(id);
    const bool is_function = node.op == Op::tanh || node.op == Op::sigmoid || node.op == Op::neg;
    const bool is_quotient = node.op == Op::div && node.types[0] == graph.type(node.operands[0]) &&
                             node.types[0] == graph.type(node.operands[1]);
    if (is_function || is_quotient) candidates.push_back(id);
  }
  if (candidates.empty()) return std::nullopt;
  const NodeId chosen = rng.pick(candidates);
  Graph other;
  other.name = graph.name;
  other.outputs = graph.outputs;
  for (NodeId id = 0; id < graph.size(); ++id) {
    Node node = graph.node(id);
    if (id == chosen && node.op == Op::div)
      std::swap(node.operands[0], node.operands[1]);
    else if (id == chosen)
      node.op = node.op == Op::tanh ? Op::relu : Op::tanh;
    other.append(std::move(node));
  }
  return other;
}

// a + b of the first outputs of two graphs in one, over the same inputs.
struct Beside {
  Graph graph;
  Value sums[2];

  Beside(const Graph& one, const Graph& other) {
    Builder build(graph);
    const Graph* const parts[] = {&one, &other};
    std::vector<NodeId> first;
    for (int i = 0; i < 2; ++i) {
      std::vector<NodeId> placed;
      for (NodeId id = 0; id < parts[i]->size(); ++id) {
        Node node = parts[i]->node(id);
        for (Value& operand : node.operands) operand.node = placed[operand.node];
        if (auto* scan = std::get_if<ScanAttributes>(&node.attributes))
          scan->body = make_body(*scan->body.graph);
        const bool is_shared = node.op == Op::input && i == 1;
        placed.push_back(is_shared ? first[id] : graph.append(std::move(node)));
      }
      const Value output = parts[i]->outputs[0].value;
      sums[i] = build.add(Op::sum_to, {{placed[output.node], output.result}}, ShapeAttributes{});
      first = placed;
    }
    graph.outputs = {{"y", build.add(Op::add, {sums[0], sums[1]}), OutputKind::result}};
  }
  bool are_alike() const {
    const Colours colours(graph);
    return colours.of(graph, sums[0]) == colours.of(graph, sums[1]);
  }
};

// A scan of two carried values over one sequence: g = f(x + g), h = tanh(x + h), both yielded.
struct Pair {
  Sketch sketch;
  NodeId scan = 0;
  Graph graph;

  Pair(Op f, std::int64_t steps, bool reverse) {
    const Shape row{{batch_dim, 2}};
    Sketch body("body");
    const Value x = body.input(row), g = body.input(row), h = body.input(row);
    const Value next[] = {body.add(f, {body.add(Op::add, {x, g})}),
                          body.add(Op::tanh, {body.add(Op::add, {x, h})})};
    for (int twice = 0; twice < 2; ++twice)
      for (const Value value : next) body.output(value);
    const Value zeros = sketch.build.constant(0, row);
    scan =
        sketch.build.node(Op::scan, ScanAttributes{steps, 1, 2, reverse, make_body(body.finish())},
                          {sketch.input({{batch_dim, steps, 2}}), zeros, zeros});
    // One output of all, so that no order of outputs tells results apart.
    const Value last = sketch.add(Op::add, {{scan, 0}, {scan, 1}});
    const Value rows = sketch.add(Op::add, {{scan, 2}, {scan, 3}});
    sketch.output(sketch.add(Op::sum_to, {last}, ShapeAttributes{{{2}}}));
    sketch.output(sketch.add(Op::sum_to, {rows}, ShapeAttributes{{{2}}}));
    graph = sketch.finish();
  }
  Colour colour(std::uint32_t result) const { return Colours(graph).of(graph, {scan, result}); }
};

}  // namespace

TEST_CASE("other names, orders of nodes and orders of operands leave all colours as they are") {
  int moved = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(seed);
    const Graph graph = any_graph(seed);
    INFO("seed " << seed << "\n" << to_text(graph));
    const auto all = all_colours(graph);
    const auto outputs = output_colours(graph);
    for (const Graph& other : {renamed(graph), reordered(graph, rng), swapped(graph, rng)}) {
      moved += to_text(other) != to_text(graph);
      CHECK(all_colours(other) == all);
      CHECK(output_colours(other) == outputs);
    }
  }
  CHECK(moved > 500);
}

TEST_CASE("a graph beside itself has two outputs of one colour, beside a changed one of two") {
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    Graph graph = Runner().canonicalise(unroll(any_graph(seed)));
    graph.outputs = {{"y", graph.outputs[0].value, OutputKind::result}};
    graph = eliminate_dead(graph);
    INFO("seed " << seed << "\n" << to_text(graph));
    CHECK(Beside(graph, graph).are_alike());
    const auto other = mutated(graph, rng);
    if (!other) continue;
    INFO(to_text(*other));
    CHECK_FALSE(Beside(graph, *other).are_alike());
    ++changed;
  }
  CHECK(changed > 150);
}

TEST_CASE("weights of one shape are told apart by their uses, however far away") {
  for (const int distance : {0, 1, 20}) {
    Sketch sketch;
    const Value x = sketch.input({{batch_dim, 3}});
    const Value u = sketch.weight({{3, 3}}), v = sketch.weight({{3, 3}});
    const auto product = [&](Value a, Value b) {
      return sketch.add(Op::matmul, {a, b}, MatmulAttributes{});
    };
    Value p = product(x, u), q = product(x, v);
    for (int i = 0; i < distance; ++i) {
      p = sketch.add(Op::tanh, {p});
      q = sketch.add(Op::tanh, {q});
    }
    const bool alike = distance == 0;
    const Value sum = sketch.add(Op::add, {p, alike ? q : sketch.add(Op::relu, {q})});
    const Graph graph = sketch.finish(sum);
    const Colours colours(graph);
    CHECK((colours.of(graph, u) == colours.of(graph, v)) == alike);
  }
}

TEST_CASE("results of a scan have the colours of what its body computes") {
  const Pair alike(Op::tanh, 3, false), apart(Op::relu, 3, false);
  CHECK(alike.colour(0) == alike.colour(1));
  CHECK(alike.colour(2) == alike.colour(3));
  CHECK(apart.colour(0) != apart.colour(1));
  CHECK(apart.colour(2) != apart.colour(3));
  // What is left after the last step is not the sequence, though one node of the body computes both.
  CHECK(alike.colour(0) != alike.colour(2));
  // Another number of steps, another direction.
  CHECK(alike.colour(0) != Pair(Op::tanh, 4, false).colour(0));
  CHECK(alike.colour(0) != Pair(Op::tanh, 3, true).colour(0));
}

}  // namespace coil::test
