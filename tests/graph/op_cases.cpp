// The table of op cases itself: every op is there, and each case makes a well-formed graph.

#include "tests/support/op_cases.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "compiler/graph/op_record.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/graph/verify.hpp"

#include "tests/support/cases.hpp"

namespace coil::test {

TEST_CASE("every op has a case, under a name of its own") {
#define COIL_CHECK(op_name)                                              \
  {                                                                      \
    INFO(#op_name);                                                      \
    CHECK(std::ranges::count(op_cases(), Op::op_name, &OpCase::op) > 0); \
    CHECK(find_op(#op_name) == Op::op_name);                             \
    CHECK(to_string(Op::op_name) == #op_name);                           \
  }
  COIL_FOR_EACH_OP(COIL_CHECK)
#undef COIL_CHECK
  std::set<std::string> names;
  for (const OpCase& op_case : op_cases()) CHECK(names.insert(op_case.name).second);
  CHECK(find_op("no_such_op") == std::nullopt);
  CHECK(find_op("") == std::nullopt);
}

TEST_CASE("fused_matmul has a case for every combination of its attributes") {
  std::set<std::string> combinations;
  for (const OpCase& op_case : op_cases()) {
    if (op_case.op != Op::fused_matmul) continue;
    Rng rng(1);
    const Graph graph = op_case.build(rng);
    const Node& node = graph.node(graph.outputs[0].value.node);
    const auto& a = std::get<FusedMatmulAttributes>(node.attributes);
    combinations.insert(std::to_string(a.transpose_a) + std::to_string(a.transpose_b) +
                        std::to_string(a.bias) + std::to_string(a.addend) +
                        std::string(to_string(a.activation)));
  }
  CHECK(combinations.size() == 3 * 2 * 2 * 5);
}

TEST_CASE("every case makes well-formed graphs that hold the op, read back and evaluate") {
  for (const OpCase& op_case : op_cases()) {
    std::set<std::string> texts;
    for (std::uint64_t seed = 0; seed < cases(20); ++seed) {
      Rng rng(seed), again(seed);
      const Graph graph = op_case.build(rng);
      const std::string text = to_text(graph);
      INFO(op_case.name << "\n" << text);
      REQUIRE(why_malformed(graph) == std::nullopt);
      CHECK(graph.node(graph.outputs.at(0).value.node).op == op_case.op);
      CHECK(to_text(op_case.build(again)) == text);
      CHECK(to_text(graph_from_text(text, "text")) == text);
      texts.insert(text);
      const std::int64_t batch = 1 + static_cast<std::int64_t>(seed % 3);
      const auto outputs = evaluate(graph, random_feeds(graph, batch, seed, op_case.ranges), batch);
      for (const Output& output : graph.outputs) {
        const Array& array = outputs.at(output.name);
        CHECK(array.dims == concrete_dims(graph.type(output.value).shape, batch));
        CHECK(std::ranges::all_of(array.values, [](double v) { return std::isfinite(v); }));
      }
    }
    CHECK(texts.size() > cases(20) / 4);
  }
}

TEST_CASE("random feeds follow from their seed") {
  Rng rng(4);
  const Graph graph = op_cases()[10].build(rng);
  const auto feeds = random_feeds(graph, 3, 7);
  CHECK(distance(feeds, random_feeds(graph, 3, 7)) == 0);
  CHECK(distance(feeds, random_feeds(graph, 3, 8)) > 0);
}

TEST_CASE("the distance of arrays sees shapes, NaN and every element") {
  const std::map<std::string, Array> a = {{"y", {{2}, {1, NAN}}}};
  CHECK(distance(a, a) == 0);
  CHECK(std::isinf(distance(a, {})));
  CHECK(std::isinf(distance(a, {{"z", {{2}, {1, NAN}}}})));
  CHECK(std::isinf(distance(a, {{"y", {{1, 2}, {1, NAN}}}})));
  CHECK(std::isinf(distance(a, {{"y", {{2}, {1, 1}}}})));
  CHECK(distance(a, {{"y", {{2}, {2, NAN}}}}) == 0.5);
}

}  // namespace coil::test
