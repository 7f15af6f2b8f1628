// Any recurrence, spelled in three ways, is one graph that has it as a scan and computes what the text says.

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/equivalence/random_cell.hpp"
#include "tests/equivalence/texts.hpp"
#include "tests/support/cases.hpp"

namespace coil::test {
namespace {

constexpr std::uint64_t tried = cases(400);
// Not all are scans of as many steps as the text has. Of three steps from zeros only two are alike where one
// memory is read late; what comes of zeros alone is a number; and a memory that a step reads before it renews it
// may have nothing at the first step that the others have.
constexpr double least_rolled = of_cases(0.92, 0.91), least_rolled_of_four = 0.96;

struct Spellings {
  std::string pasted, loop, cell;
};

Spellings spell(const RandomCell& cell, Rng& rng) {
  return {as_pasted(cell, rng.coin()), as_loop(cell), as_cell(cell, rng.coin())};
}

std::int64_t longest_scan(const Graph& graph) {
  const auto steps = trip_counts(graph);
  return steps.empty() ? 0 : std::ranges::max(steps);
}

}  // namespace

TEST_CASE("Pasted steps, a loop and a cell are one graph, of any recurrence") {
  std::uint64_t recurrences = 0, rolled = 0, of_four = 0, rolled_of_four = 0;
  for (std::uint64_t seed = 0; seed < tried; ++seed) {
    Rng rng(seed);
    const RandomCell cell = random_cell(rng);
    const Spellings texts = spell(cell, rng);
    INFO("seed " << seed << "\n" << texts.pasted << "\n" << texts.loop << "\n" << texts.cell);
    const FromText pasted = compiled(texts.pasted), loop = compiled(texts.loop),
                   of_cell = compiled(texts.cell);
    CHECK(pasted.name() == loop.name());
    CHECK(of_cell.name() == loop.name());
    CHECK(gap(pasted, seed) < 1e-9);
    CHECK(gap(loop, seed) < 1e-9);
    CHECK(gap(of_cell, seed) < 1e-9);
    if (!cell.is_recurrence) continue;
    ++recurrences;
    const std::int64_t steps = longest_scan(loop.canonical);
    rolled += steps == cell.steps;
    if (cell.steps < 4) continue;
    ++of_four;
    rolled_of_four += steps >= cell.steps - 1;
  }
  INFO(rolled << " of " << recurrences << " rolled");
  const auto is_most = [](std::uint64_t some, double share, std::uint64_t all) {
    return static_cast<double>(some) >= share * static_cast<double>(all);
  };
  CHECK(recurrences > cases(300));
  CHECK(is_most(rolled, least_rolled, recurrences));
  CHECK(is_most(rolled_of_four, least_rolled_of_four, of_four));
  WARN(rolled << " of " << recurrences << " are scans of all steps; " << rolled_of_four << " of "
              << of_four << " with four steps or more, of all or all but one");
}

}  // namespace coil::test
