// Whole graphs: derived, planned in one arena, fused and run, against the interpreter on the graph as it
// was before all of that.

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/runner.hpp"

#include "tests/execute/run_graph.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/random_graph.hpp"

namespace coil::test {
namespace {

constexpr double tolerance = 1e-5;

Graph derived(const Graph& graph, Entry entry) {
  Runner runner;
  return runner.derive(runner.canonicalise(graph), entry);
}

// Feeds of the derived entry: the leaves it has, with step 1 and a small rate.
Feeds feeds_of(const Graph& entry, std::int64_t batch, std::uint64_t seed) {
  Ranges ranges{{"train.rate", {0.001, 0.01, {}}},
                {"train.update", {1, 1.0000001, {}}},
                {"train.clip", {0.1, 2, {}}},
                {"train.momentum", {0, 1, {}}},
                {"train.decay", {0, 1, {}}}};
  for (const NodeId id : leaves(entry, Op::state))
    if (const std::string name(leaf_name(entry.node(id))); name.starts_with("adam."))
      ranges[name] = {0.01, 0.02, {}};
  return rounded_to_float(random_feeds(entry, batch, seed, ranges));
}

// How far the interpreter's own outputs move when every fed number moves by half a float's last bit: what no
// computation in floats can be blamed for. Sums that cancel make it large.
double sensitivity(const Graph& graph, Feeds feeds, std::int64_t batch) {
  const Outputs before = evaluate(graph, feeds, batch);
  double sign = 1;
  for (auto& [name, array] : feeds) {
    const auto leaf = std::ranges::find_if(
        graph.nodes(),
        [wanted = std::string_view(name)](const Node& node) { return leaf_name(node) == wanted; });
    if (leaf->types[0].element == Element::index) continue;
    for (double& x : array.values) x *= 1 + (sign = -sign) * 0x1p-24;
  }
  return relative_distance(before, evaluate(graph, feeds, batch));
}

}  // namespace

TEST_CASE("random models predict what their flat graph means") {
  for (std::uint64_t seed = 1; seed <= cases(150); ++seed) {
    Rng rng(seed);
    const Graph flat = random_graph(rng);
    const Graph entry = derived(flat, Entry::predict);
    const std::int64_t batch = rng.between(1, 40);
    const Feeds feeds = rounded_to_float(random_feeds(flat, batch, seed));
    INFO("seed " << seed << ", batch " << batch);
    CHECK(relative_distance(evaluate(flat, feeds, batch), run_graph(entry, feeds, batch)) <=
          tolerance);
  }
}

TEST_CASE("random models train as the interpreter says") {
  std::uint64_t trained = 0;
  for (const Entry kind : {Entry::loss, Entry::gradients, Entry::train_step, Entry::train_step_sgd})
    for (std::uint64_t seed = 1; seed <= cases(60); ++seed) {
      Rng rng(seed);
      const Graph flat = random_trainable_graph(rng);
      if (why_untrainable(Runner().canonicalise(flat))) continue;  // no weight was left
      ++trained;
      const Graph entry = derived(flat, kind);
      const std::int64_t batch = rng.between(1, 40);
      const Feeds feeds = feeds_of(entry, batch, seed);
      INFO(to_string(kind) << ", seed " << seed << ", batch " << batch);
      // A few roundings a node, each as large as that of a fed number.
      const double allowed = std::max(tolerance, 20 * sensitivity(entry, feeds, batch));
      CHECK(allowed < 1e-3);
      CHECK(relative_distance(evaluate(entry, feeds, batch), run_graph(entry, feeds, batch)) <=
            allowed);
    }
  CHECK(trained >= cases(160));
}

TEST_CASE("Char3 trains with the same bits at one and two threads") {
  const Graph entry = derived(char3_graph(), Entry::train_step);
  const Feeds feeds = feeds_of(entry, 513, 3);
  const Outputs one = run_graph(entry, feeds, 513, 1);
  const Outputs two = run_graph(entry, feeds, 513, 2);
  for (const auto& [name, array] : one) {
    INFO(name);
    CHECK(array.values == two.at(name).values);
  }
}

}  // namespace coil::test
