// Cells as whole recurrences mean what their scans meant, forwards and in every gradient.

#include "compiler/passes/use_native.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/verify.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/differentiate.hpp"
#include "compiler/passes/record_scans.hpp"

#include "tests/support/cases.hpp"
#include "tests/support/feeds.hpp"
#include "tests/support/known_cells.hpp"

namespace coil::test::use_native_test {
namespace {

using Outputs = std::map<std::string, Array>;

Graph native(const Graph& graph) {
  Remarks remarks;
  return use_native(graph, remarks);
}

// The largest difference, over the largest magnitude of the output.
double distance(const Outputs& meant, const Outputs& found) {
  REQUIRE(meant.size() == found.size());
  double worst = 0;
  for (const auto& [name, array] : meant) {
    const std::vector<double>& other = found.at(name).values;
    REQUIRE(other.size() == array.values.size());
    double top = 1e-6;
    for (const double x : array.values) top = std::max(top, std::abs(x));
    for (std::size_t i = 0; i < other.size(); ++i) {
      const double off = std::abs(array.values[i] - other[i]) / top;
      worst = std::isnan(off) ? 1 : std::max(worst, off);
    }
  }
  return worst;
}

Graph gradients(const Graph& loss) { return differentiate(record_scans(loss)); }

}  // namespace

TEST_CASE("what runs as one node has the outputs, states and gradients of its scan") {
  std::size_t found = 0;
  for (std::uint64_t seed = 0; seed < cases(200); ++seed) {
    Rng rng(seed);
    const KnownCells known = random_known_cells(rng);
    const std::int64_t batch = rng.between(1, 4);
    INFO("seed " << seed << ", batch " << batch);
    const Graph replaced = native(known.graph);
    REQUIRE(why_malformed(replaced) == std::nullopt);
    REQUIRE(leaves(replaced, Op::recurrent).size() == known.native);
    REQUIRE(leaves(replaced, Op::scan).size() == known.scans - known.native);
    found += known.native;
    const Feeds feeds = random_feeds(known.graph, batch, seed);
    CHECK(distance(evaluate(known.graph, feeds, batch), evaluate(replaced, feeds, batch)) < 1e-12);

    const Graph loss = attach_loss(known.graph);
    const Graph meant = gradients(loss);
    const Feeds fed = random_feeds(meant, batch, seed);
    CHECK(distance(evaluate(meant, fed, batch), evaluate(gradients(native(loss)), fed, batch)) <
          1e-10);
  }
  CHECK(found > cases(200) / 2);
}

TEST_CASE("what stays a scan is told with the reason") {
  std::set<std::string> told;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(seed);
    Remarks remarks;
    remarks.begin("use_native");
    use_native(random_known_cells(rng).graph, remarks);
    for (const Remark& remark : remarks.of("use_native")) told.insert(remark.message);
  }
  CHECK(told.contains("not native: it runs from the last element to the first"));
  CHECK(told.contains("not native: no vanilla with hard_sigmoid"));
  CHECK(told.contains("not native: no vanilla with relu"));
  CHECK(told.contains("not native: no lstm with hard_sigmoid, tanh"));
}

}  // namespace coil::test::use_native_test
