// Every op as lowered against the reference interpreter, over the cases that also fix its meaning and its
// gradient (tests/support/op_cases).

#include <catch2/catch.hpp>

#include "compiler/passes/unroll.hpp"

#include "tests/execute/run_graph.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/op_cases.hpp"

namespace coil::test::ops_test {
namespace {

constexpr double tolerance = 1e-5;

// Batch one, small odd ones, one that fills vectors and one that is worth threads.
const std::vector<std::int64_t> batches = {1, 2, 3, 7, 33, 200};

bool adds_nothing_up(Op op) {
  const Trait trait = record(op).trait.value;
  return trait == Trait::elementwise || trait == Trait::commutative || op == Op::gather ||
         op == Op::broadcast_to || op == Op::softmax || op == Op::slice || op == Op::concat ||
         op == Op::to_bf16 || op == Op::to_int8 || op == Op::column_scales ||
         op == Op::to_int8_columns;
}

}  // namespace

TEST_CASE("every op's lowering agrees with the reference interpreter") {
  for (const OpCase& op_case : op_cases())
    for (std::uint64_t seed = 1; seed <= cases(8); ++seed)
      for (const std::int64_t batch : batches) {
        Rng rng(seed);
        const Graph graph = op_case.build(rng);
        const Feeds feeds = rounded_to_float(random_feeds(graph, batch, seed, op_case.ranges));
        const Outputs meant = evaluate(graph, feeds, batch);
        const Outputs found = run_graph(unroll(graph), feeds, batch);
        INFO(op_case.name << ", seed " << seed << ", batch " << batch);
        CHECK(relative_distance(meant, found) <= tolerance);
        if (adds_nothing_up(op_case.op)) CHECK(elementwise_distance(meant, found) <= tolerance);
      }
}

TEST_CASE("every op gives the same bits at one, two and three threads") {
  for (const OpCase& op_case : op_cases()) {
    Rng rng(5);
    const Graph graph = op_case.build(rng);
    const Feeds feeds = rounded_to_float(random_feeds(graph, 999, 5, op_case.ranges));
    const Graph unrolled = unroll(graph);
    const Outputs one = run_graph(unrolled, feeds, 999, 1);
    for (const int threads : {2, 3}) {
      const Outputs more = run_graph(unrolled, feeds, 999, threads);
      INFO(op_case.name << " at " << threads << " threads");
      REQUIRE(one.size() == more.size());
      for (const auto& [name, array] : one) CHECK(array.values == more.at(name).values);
    }
  }
}

TEST_CASE("a comparison that could not fail would be worthless") {
  Outputs meant{{"y", {{2}, {1.0, 2.0}}}};
  Outputs off = meant;
  off["y"].values[0] += 1e-4;
  CHECK(relative_distance(meant, off) > tolerance);
  CHECK(elementwise_distance(meant, off) > tolerance);
  off["y"].values[0] = std::nan("");
  CHECK(relative_distance(meant, off) > 1);
  CHECK(relative_distance(meant, {}) > 1);
}

}  // namespace coil::test::ops_test
