// Graphs with scans, derived and run, against the interpreter on the graph as it was before.

#include <catch2/catch.hpp>

#include "compiler/passes/attach_adam.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/differentiate.hpp"
#include "compiler/passes/record_scans.hpp"
#include "compiler/passes/runner.hpp"

#include "tests/execute/run_graph.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/random_scan.hpp"

namespace coil::test {
namespace {

Graph derived(const Graph& canonical, Entry entry, std::int64_t batch, Lowering lowering) {
  Runner runner;
  runner.batch = batch;
  runner.lowering = lowering;
  return runner.derive(canonical, entry);
}

}  // namespace

TEST_CASE("random recurrences predict what their graph means, states and all, by every lowering") {
  for (std::uint64_t seed = 1; seed <= cases(150); ++seed) {
    Rng rng(seed);
    const Graph graph = random_recurrent_graph(rng);
    const std::int64_t batch = rng.between(1, 40);
    const Feeds feeds = rounded_to_float(random_feeds(graph, batch, seed));
    const Outputs meant = evaluate(graph, feeds, batch);
    for (const LoweringRow& row : lowerings()) {
      INFO("seed " << seed << ", batch " << batch << ", " << row.name);
      const Graph entry = derived(graph, Entry::predict, batch, row.lowering);
      CHECK(relative_distance(meant, run_graph(entry, feeds, batch)) <= 1e-5);
    }
  }
}

TEST_CASE(
    "random recurrences get the gradients that the interpreter says, by every lowering at any "
    "thread count") {
  for (std::uint64_t seed = 1; seed <= cases(60); ++seed) {
    Rng rng(seed);
    Graph graph = random_trainable_recurrence(rng);
    std::erase_if(graph.outputs, [](const Output& o) { return o.kind == OutputKind::update; });
    const Graph meant = differentiate(record_scans(attach_loss(graph)));
    const std::int64_t batch = rng.between(1, 40);
    const Feeds feeds = rounded_to_float(random_feeds(meant, batch, seed));
    const Outputs right = evaluate(meant, feeds, batch);
    for (const LoweringRow& row : lowerings()) {
      INFO("seed " << seed << ", batch " << batch << ", " << row.name);
      const Graph entry = derived(graph, Entry::gradients, batch, row.lowering);
      const Outputs one = run_graph(entry, feeds, batch, 1);
      CHECK(relative_distance(right, one) <= 1e-4);
      CHECK(relative_distance(one, run_graph(entry, feeds, batch, 2)) == 0);
    }
  }
}

}  // namespace coil::test
