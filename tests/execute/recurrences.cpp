// Graphs with scans, derived and run, against the interpreter on the graph as it was before.

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "compiler/passes/attach_adam.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/differentiate.hpp"
#include "compiler/passes/record_scans.hpp"

#include "tests/execute/run_graph.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/known_cells.hpp"
#include "tests/support/random_scan.hpp"

namespace coil::test {
namespace {

// Every third one of cells that oneDNN has, which random bodies hardly ever are.
struct Recurrence {
  explicit Recurrence(Graph other) : graph(std::move(other)) {}
  explicit Recurrence(KnownCells known) : graph(std::move(known.graph)), native(known.native) {}

  Graph graph;
  std::optional<std::size_t> native;  // so many of its cells oneDNN has, where that is known
};

Recurrence random_recurrence(std::uint64_t seed, Rng& rng, Graph (*other)(Rng&)) {
  return seed % 3 == 0 ? Recurrence(random_known_cells(rng)) : Recurrence(other(rng));
}

std::size_t count_of(Op op, const Graph& graph) {
  return static_cast<std::size_t>(std::ranges::count(graph.nodes(), op, &Node::op));
}

// Known cells run as primitives where they should, and nowhere else.
void check_native(const Recurrence& recurrence, const Graph& entry, Lowering lowering) {
  const std::size_t expected = lowering == Lowering::native ? recurrence.native.value_or(0) : 0;
  if (lowering != Lowering::native || recurrence.native)
    CHECK(count_of(Op::recurrent, entry) == expected);
}

}  // namespace

TEST_CASE("random recurrences predict what their graph means, states and all, by every lowering") {
  std::size_t native = 0;
  for (std::uint64_t seed = 1; seed <= cases(150); ++seed) {
    Rng rng(seed);
    const Recurrence recurrence = random_recurrence(seed, rng, random_recurrent_graph);
    const Graph& graph = recurrence.graph;
    native += recurrence.native.value_or(0);
    const std::int64_t batch = rng.pick<std::int64_t>({1, rng.between(2, 40), 70});
    const Feeds feeds = rounded_to_float(random_feeds(graph, batch, seed));
    const Outputs meant = evaluate(graph, feeds, batch);
    for (const LoweringRow& row : lowerings()) {
      INFO("seed " << seed << ", batch " << batch << ", " << row.name);
      const Graph entry = derived(graph, Entry::predict, batch, row.lowering);
      check_native(recurrence, entry, row.lowering);
      CHECK(relative_distance(meant, run_graph(entry, feeds, batch)) <= 1e-5);
    }
  }
  CHECK(native > cases(150) / 4);
}

TEST_CASE(
    "random recurrences get the gradients that the interpreter says, by every lowering at any "
    "thread count") {
  std::size_t native = 0;
  for (std::uint64_t seed = 1; seed <= cases(60); ++seed) {
    Rng rng(seed);
    const Recurrence recurrence = random_recurrence(seed, rng, random_trainable_recurrence);
    Graph graph = recurrence.graph;
    native += recurrence.native.value_or(0);
    std::erase_if(graph.outputs, [](const Output& o) { return o.kind == OutputKind::update; });
    const Graph meant = differentiate(record_scans(attach_loss(graph)));
    const std::int64_t batch = rng.pick<std::int64_t>({1, rng.between(2, 40), 70});
    const Feeds feeds = rounded_to_float(random_feeds(meant, batch, seed));
    const Outputs right = evaluate(meant, feeds, batch);
    for (const LoweringRow& row : lowerings()) {
      INFO("seed " << seed << ", batch " << batch << ", " << row.name);
      const Graph entry = derived(graph, Entry::gradients, batch, row.lowering);
      check_native(recurrence, entry, row.lowering);
      CHECK(count_of(Op::recurrent_grad, entry) == count_of(Op::recurrent, entry));
      const Outputs one = run_graph(entry, feeds, batch, 1);
      CHECK(relative_distance(right, one) <= 1e-4);
      CHECK(relative_distance(one, run_graph(entry, feeds, batch, 2)) == 0);
    }
  }
  CHECK(native > cases(60) / 4);
}

}  // namespace coil::test
