// Any recurrence, spelled in three ways, is one graph that has it as a scan and computes what the text says.

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/equivalence/random_cell.hpp"
#include "tests/equivalence/texts.hpp"

namespace coil::test {
namespace {

constexpr std::uint64_t cells = 400;
// Not all: of a memory that is read one step late, the last value is never computed, so that the steps which
// look alike are fewer than those of the text. What is rolled then is shorter, and right.
constexpr double least_rolled = 0.83;
// Of those memories, some leave inputs of their own that nothing tells to be elements of one sequence.
constexpr int most_unequal = 2;

struct Spellings {
  std::string pasted, loop, cell;
};

Spellings spell(const RandomCell& cell, Rng& rng) {
  return {as_pasted(cell, rng.coin()), as_loop(cell), as_cell(cell, rng.coin())};
}

bool has_scan_of(const Graph& graph, std::int64_t steps) {
  return std::ranges::count(trip_counts(graph), steps) > 0;
}

}  // namespace

TEST_CASE("Pasted steps, a loop and a cell are one graph, of any recurrence") {
  int recurrences = 0, rolled = 0, unequal = 0;
  for (std::uint64_t seed = 0; seed < cells; ++seed) {
    Rng rng(seed);
    const RandomCell cell = random_cell(rng);
    const Spellings texts = spell(cell, rng);
    INFO("seed " << seed << "\n" << texts.pasted << "\n" << texts.loop << "\n" << texts.cell);
    const FromText pasted = compiled(texts.pasted), loop = compiled(texts.loop),
                   of_cell = compiled(texts.cell);
    unequal += pasted.name() != loop.name();
    CHECK(of_cell.name() == loop.name());
    CHECK(gap(pasted, seed) < 1e-9);
    CHECK(gap(loop, seed) < 1e-9);
    CHECK(gap(of_cell, seed) < 1e-9);
    if (!cell.is_recurrence) continue;
    ++recurrences;
    rolled += has_scan_of(loop.canonical, cell.steps);
  }
  INFO(rolled << " of " << recurrences << " rolled");
  CHECK(unequal <= most_unequal);
  CHECK(recurrences > 300);
  CHECK(rolled >= least_rolled * recurrences);
  WARN(rolled << " of " << recurrences << " rolled");
}

}  // namespace coil::test
