#include "compiler/graph/rewriter.hpp"

#include <catch2/catch.hpp>

#include "compiler/graph/text.hpp"
#include "compiler/source/internal_error.hpp"

#include "tests/support/random_graph.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {

TEST_CASE("a builder gives the same node for the same op, attributes and operands") {
  Sketch s;
  const Value x = s.input({{batch_dim, 3}}, "x"), w = s.weight({{3, 3}}, "w");
  const Value product = s.add(Op::matmul, {x, w}, MatmulAttributes{});
  CHECK(s.add(Op::matmul, {x, w}, MatmulAttributes{}) == product);
  CHECK(s.weight({{3, 3}}, "w") == w);
  CHECK(s.build.constant(1) == s.build.constant(1));
  CHECK(s.add(Op::matmul, {x, w}, MatmulAttributes{false, true}) != product);
  CHECK(s.weight({{3, 3}}, "v") != w);
  CHECK(s.build.constant(1) != s.build.constant(1, {{1}}));
  CHECK(s.build.constant(0.0) == s.build.constant(0.0));
  CHECK(s.add(Op::sub, {x, product}) != s.add(Op::sub, {product, x}));
}

TEST_CASE("a builder says why operands do not fit, and refuses them") {
  Sketch s;
  const Value x = s.input({{batch_dim, 3}}, "x"), w = s.weight({{2, 3}}, "w");
  CHECK(s.build.why_not(Op::matmul, MatmulAttributes{}, {x, w}) ==
        "real[batch, 3] @ real[2, 3]: 3 columns meet 2 rows");
  CHECK(s.build.why_not(Op::matmul, MatmulAttributes{false, true}, {x, w}).empty());
  CHECK(s.build.why_not(Op::matmul, MatmulAttributes{true, true}, {x, w}) ==
        "only one side can be transposed");
  CHECK(s.build.why_not(Op::matmul, NoAttributes{}, {x, w}) == "matmul carries other attributes");
  CHECK_FALSE(s.build.why_not(Op::add, NoAttributes{}, {x}).empty());
  CHECK(s.build.why_not(Op::softmax, NoAttributes{}, {s.build.constant(1)}) ==
        "real[] has no classes");
  CHECK_THROWS_AS(s.add(Op::matmul, {x, w}, MatmulAttributes{}), InternalError);
  CHECK_THROWS_AS(s.add(Op::weight, {}, WeightAttributes{{"v"}, {}}), InternalError);
  CHECK_THROWS_AS(s.build.leaf(Op::tanh, NoAttributes{}, s.type(x)), InternalError);
}

TEST_CASE("a rewriter that keeps every node copies the graph") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    const Graph graph = random_graph(rng);
    Rewriter rewriter(graph);
    for (NodeId id = 0; id < graph.size(); ++id) rewriter.keep(id);
    CHECK(to_text(rewriter.finish()) == to_text(graph));
  }
}

TEST_CASE("a rewriter refuses another type in a node's place, and a node that was not placed") {
  Sketch s;
  const Value x = s.input({{batch_dim, 3}}, "x");
  const Graph graph = s.finish(s.add(Op::tanh, {x}));
  Rewriter rewriter(graph);
  CHECK_THROWS_WITH(rewriter.keep(1), "node 0 is used before a pass placed it");
  rewriter.keep(0);
  CHECK_THROWS_WITH(rewriter.replace({1, 0}, rewriter.build().constant(1)),
                    "real[batch, 3] replaced by real[]");
  CHECK_THROWS_WITH(rewriter.finish(), "node 1 is used before a pass placed it");
  rewriter.replace({1, 0}, rewriter.mapped({0, 0}));
  CHECK(rewriter.finish().size() == 2);
}

TEST_CASE("uses and parameters are counted") {
  const Graph graph = char3_graph();
  CHECK(count_parameters(graph) == 7 * 3 + 3 * 5 + 5 + 5 * 5 + 5 + 5 * 7 + 7);
  const auto uses = count_uses(graph);
  for (NodeId id : leaves(graph, Op::weight)) {
    const bool decodes = leaf_name(graph.node(id)).starts_with("decode.");
    CHECK(uses[id] == (decodes ? 1 : 3));
  }
  CHECK(uses[graph.outputs[0].value.node] == 1);
}

TEST_CASE("the leaf of a gradient or an update is found by name") {
  Sketch s;
  const Value w = s.weight({}, "w"), x = s.input({}, "x");
  s.output(x, "w", OutputKind::gradient);
  s.output(x, "w");
  s.output(x, "none", OutputKind::update);
  s.output(x, "x", OutputKind::update);
  const auto found = output_leaves(s.finish());
  CHECK(found ==
        std::vector<std::optional<NodeId>>{w.node, std::nullopt, std::nullopt, std::nullopt});
}

}  // namespace coil::test
