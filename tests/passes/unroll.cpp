#include "compiler/passes/unroll.hpp"

#include <catch2/catch.hpp>

#include "compiler/graph/forms.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/graph/verify.hpp"
#include "compiler/passes/runner.hpp"
#include "compiler/source/run_error.hpp"

#include "tests/support/cases.hpp"
#include "tests/support/feeds.hpp"
#include "tests/support/random_scan.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test::unroll_test {
namespace {

Graph any_recurrence(std::uint64_t seed) {
  Rng rng(seed);
  if (seed % 3 == 0) return random_scan(rng);
  if (seed % 3 == 1) return random_nested_scan(rng);
  return random_recurrent_graph(rng);
}

double change(const Graph& before, const Graph& after, std::uint64_t seed) {
  const std::int64_t batch = seed % 2 == 0 ? 1 : 3;
  const Feeds feeds = random_feeds(before, batch, seed);
  return distance(evaluate(before, feeds, batch), evaluate(after, feeds, batch));
}

// h' = tanh(x + h), yielding h', that often.
Graph chain(std::int64_t steps) {
  Sketch body;
  const Shape row{{batch_dim, 1}};
  const Value x = body.input(row), h = body.input(row);
  const Value next = body.add(Op::tanh, {body.add(Op::add, {x, h})});
  body.output(next);
  body.output(next);
  Sketch sketch;
  const NodeId scan =
      sketch.build.node(Op::scan, ScanAttributes{steps, 1, 1, false, make_body(body.finish())},
                        {sketch.input({{batch_dim, steps, 1}}), sketch.input(row)});
  return sketch.finish({scan, 1});
}

// A scan of `steps` steps around one of as many.
Graph squared(std::int64_t steps) {
  Sketch inner, body, sketch;
  const Shape row{{batch_dim, 1}};
  inner.output(inner.add(Op::tanh, {inner.input(row)}));
  const ScanAttributes around{steps, 0, 1, false, make_body(inner.finish())};
  body.output(body.add(Op::scan, {body.input(row)}, around));
  return sketch.finish(sketch.add(Op::scan, {sketch.input(row)},
                                  ScanAttributes{steps, 0, 1, false, make_body(body.finish())}));
}

}  // namespace

TEST_CASE("unrolling leaves no scan and changes no output") {
  for (std::uint64_t seed = 0; seed < cases(300); ++seed) {
    const Graph graph = any_recurrence(seed);
    INFO("seed " << seed << "\n" << to_text(graph));
    REQUIRE(why_malformed(graph) == std::nullopt);
    const Graph flat = unroll(graph);
    REQUIRE(why_malformed(flat) == std::nullopt);
    CHECK(is_flat(flat));
    CHECK_FALSE(is_flat(graph));
    CHECK(change(graph, flat, seed) == 0);
    CHECK(change(graph, Runner().derive(graph, Entry::predict), seed) <= 1e-12);
  }
}

TEST_CASE("the other passes change no output of a graph with scans") {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const Graph graph = any_recurrence(seed);
    INFO("seed " << seed << "\n" << to_text(graph));
    for (const char* pass :
         {"share_common", "canonicalise", "eliminate_dead", "order_by_use", "fuse_post_ops"}) {
      INFO(pass);
      PassRow row = *find_pass(pass);
      row.establishes = nullptr;
      CHECK(change(graph, Runner().run_one(row, graph), seed) <= 1e-12);
    }
  }
}

TEST_CASE("unrolled graphs grow as their steps do") {
  CHECK(unroll(chain(1)).size() == 2 + 3 + 1);
  CHECK(unroll(chain(4096)).size() == 2 + 3 * 4096 + 1);
  // The steps of a scan stacked on another take what that one gives, not slices of the sequence.
  Rng rng(1);
  for (std::uint64_t seed = 2; seed < 60; seed += 3) {
    const Graph graph = any_recurrence(seed);
    const Graph flat = unroll(graph);
    for (const Node& node : flat.nodes())
      if (node.op == Op::slice) {
        const Node& whole = flat.node(node.operands[0].node);
        const auto* concat = std::get_if<ConcatAttributes>(&whole.attributes);
        CHECK_FALSE((concat && concat->stack && concat->axis == 1));
      }
  }
}

TEST_CASE("what would not fit is told before it is built") {
  CHECK_THROWS_WITH(unroll(squared(1 << 20)),
                    "test unrolls to more than 4000000 nodes; use fewer steps");
  CHECK_THROWS_AS(unroll(squared(std::int64_t{1} << 31)), RunError);
  CHECK_THROWS_AS(unroll(squared(2000)), RunError);
  CHECK(unroll(squared(100)).size() == 1 + 10'000);
}

}  // namespace coil::test::unroll_test
