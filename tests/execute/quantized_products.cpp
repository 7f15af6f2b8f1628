// Products in int8: what the derived graph means, whole numbers and all, is what runs; on machines that do not multiply
// such numbers too (CTest runs these once more as one of them).
//
// Interpreter and program turn the same reals into whole numbers but for the last bits of what was computed before:
// where such a real lies halfway between two, they go different ways, one step apart, which is 1/127 of the range. That
// happens to fewer than one number in a thousand, so that most graphs agree as closely as in f32, and those where it
// happens stay within `few_steps` of the largest number of an output, for as few numbers as are summed here.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/passes/runner.hpp"
#include "compiler/source/run_error.hpp"

#include "tests/execute/run_graph.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/known_cells.hpp"
#include "tests/support/random_scan.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test::quantized_products_test {
namespace {

constexpr double as_in_f32 = 1e-5;
constexpr double few_steps = 3.0 / 127;

std::size_t count_of(Op op, const Graph& graph) {
  return static_cast<std::size_t>(std::ranges::count(graph.nodes(), op, &Node::op));
}

Runner runner_of(std::int64_t batch, Lowering lowering) {
  Runner runner;
  runner.batch = batch;
  runner.lowering = lowering;
  return runner;
}

// Ranges as the interpreter sees them, over the lowerings that multiply apart from one another.
std::shared_ptr<const coil::Ranges> observed_ranges(const Graph& canonical, const Feeds& feeds,
                                                    std::int64_t batch) {
  auto ranges = std::make_shared<coil::Ranges>();
  for (const Lowering lowering : {Lowering::unrolled, Lowering::hoisted}) {
    Observed observed;
    Runner runner = runner_of(batch, lowering);
    runner.observed = &observed;
    const Outputs outputs = evaluate(runner.derive(canonical, Entry::predict), feeds, batch);
    for (const auto& [name, weights] : observed)
      for (const double x : outputs.at(name).values)
        for (const std::string& weight : weights) {
          float& range = (*ranges)[weight];
          range = std::max(range, static_cast<float>(std::abs(x)));
        }
  }
  return ranges;
}

Graph product(std::int64_t k, std::int64_t n) {
  Sketch sketch;
  const Value x = sketch.input({{batch_dim, k}}, "x"), w = sketch.weight({{k, n}}, "w");
  return sketch.finish(sketch.add(Op::matmul, {x, w}, MatmulAttributes{}));
}

Graph quantized(const Graph& graph, std::int64_t batch, float range) {
  Runner runner = runner_of(batch, Lowering::hoisted);
  runner.precision = Precision::int8;
  runner.ranges = std::make_shared<coil::Ranges>(coil::Ranges{{"w", range}});
  return runner.derive(graph, Entry::predict);
}

}  // namespace

TEST_CASE("random recurrences in int8 predict what their derived graph means, by every lowering",
          "[int8]") {
  for (const LoweringRow& row : lowerings()) {
    int compared = 0, close = 0, rounded = 0;
    double furthest = 0;
    for (std::uint64_t seed = 1; seed <= cases(100); ++seed) {
      Rng rng(seed);
      const Graph graph =
          seed % 3 == 0 ? random_known_cells(rng).graph : random_recurrent_graph(rng);
      const std::int64_t batch = rng.pick<std::int64_t>({1, rng.between(2, 40), 70});
      const Feeds feeds = rounded_to_float(random_feeds(graph, batch, seed));
      Runner runner = runner_of(batch, row.lowering);
      runner.precision = Precision::int8;
      runner.ranges = observed_ranges(graph, feeds, batch);
      const Graph whole = runner.derive(graph, Entry::predict);
      if (count_of(Op::to_int8, whole) == 0) continue;
      INFO("seed " << seed << ", batch " << batch << ", " << row.name);
      const Outputs meant = evaluate(whole, feeds, batch),
                    found = run_graph(whole, feeds, batch, 1);
      CHECK(whole_distance(meant, found) <= few_steps);
      CHECK(relative_distance(found, run_graph(whole, feeds, batch, 2)) == 0);
      // Against reals: another number, and not by much.
      const Outputs reals = evaluate(graph, feeds, batch);
      const double apart = whole_distance(reals, found);
      CHECK(apart <= 0.1);
      furthest = std::max(furthest, apart);
      ++compared;
      close += relative_distance(meant, found) <= as_in_f32;
      rounded += relative_distance(reals, found) > 1e-4;
    }
    CAPTURE(row.name, compared, close, rounded, furthest);
    CHECK(compared > static_cast<int>(cases(row.lowering == Lowering::native ? 30 : 50)));
    CHECK(10 * close > 9 * compared);
    CHECK(10 * rounded > 9 * compared);
  }
}

// Each side is off by half a step at most: of k terms, each is off by |x| s / 2 + |w| r / 2 + r s / 4, where no |x|
// passes 127 r, and no |w| of the column 127 s.
TEST_CASE("a product in int8 is as far from that of reals as its steps are wide, and no farther",
          "[int8]") {
  for (const std::int64_t k : {1, 2, 5, 33, 64, 300})
    for (const std::int64_t n : {1, 3, 16, 70})
      for (const std::int64_t batch : {1, 2, 65}) {
        const Graph graph = product(k, n);
        const Feeds feeds = rounded_to_float(random_feeds(graph, batch, 7));
        const Outputs reals = evaluate(graph, feeds, batch);
        const Outputs found = run_graph(quantized(graph, batch, 1.5f), feeds, batch);
        const auto& [name, array] = *reals.begin();
        const double r = 1.5 / 127;
        INFO(k << " x " << n << ", batch " << batch);
        for (std::size_t i = 0; i < array.values.size(); ++i) {
          double largest = 0;
          for (std::int64_t row = 0; row < k; ++row)
            largest =
                std::max(largest, std::abs(feeds.at("w").values[static_cast<std::size_t>(row * n) +
                                                                i % static_cast<std::size_t>(n)]));
          const double s = largest / 127;
          const double bound = static_cast<double>(k) * (127 * r * s + r * s / 4) + 1e-5;
          CHECK(std::abs(array.values[i] - found.at(name).values[i]) <= bound);
        }
      }
}

// Sums below 2^24, so that a float holds each.
TEST_CASE("sums of products of the largest whole numbers are exact, of either sign", "[int8]") {
  for (const std::int64_t k : {1, 2, 3, 4, 63, 64, 65, 511, 1040})
    for (const std::int64_t n : {1, 16, 65})
      for (const std::int64_t batch : {1, 3, 64})
        for (const double sign : {1.0, -1.0}) {
          Sketch sketch;
          const Value x = sketch.input({{batch_dim, k}}, "x"), w = sketch.weight({{k, n}}, "w");
          const Value scales = sketch.weight({{n}}, "s");
          const Graph graph =
              sketch.finish(sketch.add(Op::matmul,
                                       {sketch.add(Op::to_int8, {x}, ScaleAttributes{1}),
                                        sketch.add(Op::to_int8_columns, {w, scales})},
                                       MatmulAttributes{}));
          Feeds feeds = random_feeds(graph, batch, 3);
          std::ranges::fill(feeds.at("x").values, 127);
          std::ranges::fill(feeds.at("w").values, sign * 127);
          std::ranges::fill(feeds.at("s").values, 1);
          INFO(k << " x " << n << ", batch " << batch);
          const Outputs found = run_graph(graph, feeds, batch);
          CHECK(found.begin()->second.values.front() == sign * 127 * 127 * static_cast<double>(k));
          CHECK(relative_distance(evaluate(graph, feeds, batch), found) == 0);
        }
}

TEST_CASE("whole numbers follow a change of their weights, in programs of every batch size",
          "[int8]") {
  const Graph graph = product(130, 128);
  Store store;
  Execution execution(2, Lowering::hoisted, Precision::int8);
  execution.ranges = std::make_shared<coil::Ranges>(coil::Ranges{{"w", 1.5f}});
  Executable executable(graph, Entry::predict, store, execution);
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    for (const std::int64_t batch : {64, 1, 33}) {
      const Feeds feeds = rounded_to_float(random_feeds(graph, batch, seed));
      std::ranges::transform(feeds.at("w").values, store.values("w").begin(),
                             [](double x) { return static_cast<float>(x); });
      store.touch();
      Program& program = executable.at(batch);
      feed_inputs(program, feeds);
      program.run();
      const Outputs meant = evaluate(quantized(graph, batch, 1.5f), feeds, batch);
      const auto& [name, array] = *meant.begin();
      const auto values = program.output(name);
      CHECK(relative_distance(meant, {{name, {array.dims, {values.begin(), values.end()}}}}) <=
            few_steps / 10);
    }
}

TEST_CASE("products say what they were computed in, and only what runs each time is run",
          "[int8]") {
  const Graph whole = quantized(product(130, 128), 2, 1);
  Store store;
  store.add_leaves_of(whole);
  onednn::PackedWeights packed;
  const Program program(make_plan(whole, 2), store, packed, 1, Precision::int8);
  const bool is_native = onednn::multiplies_int8();
  if (!is_native) WARN("this machine does not multiply int8: its products are computed in f32");
  std::vector<std::string> run;
  for (const onednn::Step& step : program.repeated_steps()) {
    run.push_back(step.implementation);
    if (step.requested_type != "int8") continue;
    CHECK(step.actual_type == (is_native ? "int8" : "f32"));
    CHECK((step.implementation.find("vnni") != std::string::npos) == is_native);
  }
  REQUIRE(run.size() == (is_native ? 3 : 4));  // and the left side made wide again
  CHECK(run.front() == "coil:to_int8");
}

TEST_CASE(
    "NaN on the left ends the run, and what is no finite number on the right is seen behind it",
    "[int8]") {
  const Graph whole = quantized(product(5, 3), 2, 1);
  Feeds feeds = random_feeds(whole, 2, 1);
  feeds.at("w").values[4] = std::numeric_limits<double>::infinity();
  const Outputs meant = evaluate(whole, feeds, 2), found = run_graph(whole, feeds, 2);
  for (const Outputs& outputs : {meant, found})
    for (std::size_t i = 0; i < 6; ++i)
      CHECK(std::isnan(outputs.begin()->second.values[i]) == (i % 3 == 1));
  feeds.at("x").values[7] = std::nan("");
  CHECK_THROWS_WITH(run_graph(whole, feeds, 2), Catch::Contains("was given NaN"));
  CHECK_THROWS_WITH(evaluate(whole, feeds, 2), Catch::Contains("was given NaN"));
}

}  // namespace coil::test::quantized_products_test
