// The canonical form of graphs with recurrences: random scans are written out, so that nothing is left of
// how they were made, and canonicalised.

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/graph/forms.hpp"
#include "compiler/graph/hash.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/graph/verify.hpp"
#include "compiler/passes/runner.hpp"
#include "compiler/passes/unroll.hpp"

#include "tests/support/cases.hpp"
#include "tests/support/feeds.hpp"
#include "tests/support/random_scan.hpp"
#include "tests/support/sketch.hpp"
#include "tests/support/variants.hpp"

namespace coil::test::recurrences_test {
namespace {

constexpr double tolerance = 1e-11;
constexpr std::uint64_t graphs = cases(600);

Graph canonical(const Graph& graph) { return Runner().canonicalise(graph); }

Graph any_flat(std::uint64_t seed) {
  Rng rng(seed);
  if (seed % 4 == 0) return unroll(random_scan(rng));
  if (seed % 4 == 1) return unroll(random_nested_scan(rng));
  return unroll(random_recurrent_graph(rng));
}

double change(const Graph& before, const Graph& after, std::uint64_t seed) {
  const std::int64_t batch = seed % 2 == 0 ? 1 : 3;
  const Feeds feeds = random_feeds(before, batch, seed);
  return distance(evaluate(before, feeds, batch), evaluate(after, feeds, batch));
}

bool has_scan(const Graph& graph) {
  return std::ranges::count(graph.nodes(), Op::scan, &Node::op) > 0;
}

}  // namespace

TEST_CASE("the canonical form of a recurrence computes the same, after every pass") {
  std::uint64_t rolled = 0;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const Graph flat = any_flat(seed);
    INFO("seed " << seed << "\n" << to_text(flat));
    Runner runner;  // which verifies what each pass leaves
    runner.dump = [&](const PassRow& row, const Graph& graph) {
      INFO("after " << row.name << "\n" << to_text(graph));
      CHECK(change(flat, graph, seed) <= tolerance);
    };
    rolled += has_scan(runner.canonicalise(flat));
  }
  CHECK(rolled > graphs / 10);
}

// A known limit: a recurrence that parts of values hid is found only when the parts were pushed up to where they
// come from; and a knot of values can be cut at any of them, of which roll takes the first that it finds.
TEST_CASE("nearly all canonical graphs written out again have the same canonical form") {
  std::uint64_t same = 0;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const Graph flat = any_flat(seed);
    const Graph once = canonical(flat), again = canonical(unroll(once));
    INFO("seed " << seed << "\n" << to_text(once) << to_text(again));
    same += hash_of(again) == hash_of(once);
    CHECK(change(flat, again, seed) <= tolerance);
  }
  CHECK(same >= of_cases<std::uint64_t>(565, 112));
}

TEST_CASE("recurrences in other names have the same hash") {
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const Graph flat = any_flat(seed);
    INFO("seed " << seed << "\n" << to_text(flat));
    CHECK(hash_of(canonical(flat)) == hash_of(canonical(renamed(flat))));
  }
}

// A recurrence can be cut at several of its values, and roll takes the first cut that it finds. Where bodies are
// as wild as these, another order of nodes or operands can lead to another cut of the same recurrence.
TEST_CASE("nearly all recurrences in other orders of nodes and operands have the same hash") {
  std::uint64_t same = 0;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    Rng rng(seed);
    const Graph flat = any_flat(seed);
    const Hash hash = hash_of(canonical(flat));
    same += hash == hash_of(canonical(reordered(flat, rng))) &&
            hash == hash_of(canonical(swapped(flat, rng)));
  }
  INFO(same << " of " << graphs);
  CHECK(same >= graphs - graphs / 20);
}

TEST_CASE("what is derived of a canonical recurrence computes what the text does") {
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const Graph flat = any_flat(seed);
    INFO("seed " << seed << "\n" << to_text(flat));
    const Graph predict = Runner().derive(canonical(flat), Entry::predict);
    CHECK(is_unrolled(predict));
    CHECK(change(flat, predict, seed) <= tolerance);
  }
}

}  // namespace coil::test::recurrences_test
