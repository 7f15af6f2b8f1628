// fused_elementwise: what its body means, and what is no body of one.

#include "compiler/graph/ops/fused.hpp"

#include <catch2/catch.hpp>

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/verify.hpp"

#include "tests/support/sketch.hpp"

namespace coil::test::fused_test {
namespace {

const Shape rows{{batch_dim, 2}};

std::string why(Sketch& body, Value output) {
  body.output(output);
  return why_no_expression(body.finish()).value_or("");
}

}  // namespace

TEST_CASE("a fused expression reads parts, writes parts and means what its ops mean") {
  // y = -z[2:4] + row, and [y, -z[2:4]]
  Sketch body;
  const Value z = body.input({{batch_dim, 4}}), row = body.input({{2}});
  const Value part = body.add(Op::slice, {z}, SliceAttributes{1, 2, 2, false});
  const Value negated = body.add(Op::neg, {part});
  const Value sum = body.add(Op::add, {negated, row});
  body.output(sum);
  body.output(body.add(Op::concat, {sum, negated}, ConcatAttributes{1, false}));
  Sketch sketch;
  const std::vector<Value> operands{sketch.input({{batch_dim, 4}}, "z"),
                                    sketch.input({{2}}, "row")};
  const NodeId fused = sketch.build.node(
      Op::fused_elementwise, FusedElementwiseAttributes{make_body(body.finish())}, operands);
  sketch.output({fused, 0}, "y");
  sketch.output({fused, 1}, "both");
  const Graph graph = sketch.finish();
  REQUIRE(why_malformed(graph) == std::nullopt);
  const auto results =
      evaluate(graph, {{"z", {{2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}}}, {"row", {{2}, {10, 20}}}}, 2);
  CHECK(results.at("y").values == std::vector<double>{7, 16, 3, 12});
  CHECK(results.at("both").values == std::vector<double>{7, 16, -3, -4, 3, 12, -7, -8});
}

TEST_CASE("a fused expression rounds what it gives, alone and side by side") {
  // The odd multiples of 2^-8 from 1 on lie halfway between two numbers of eight bits.
  Sketch body;
  const Value y = body.add(Op::neg, {body.input(rows)});
  body.output(body.add(Op::to_bf16, {y}));
  body.output(y);
  const Value both = body.add(Op::concat, {y, y}, ConcatAttributes{1, false});
  body.output(body.add(Op::to_bf16, {both}));
  Sketch sketch;
  const NodeId fused =
      sketch.build.node(Op::fused_elementwise, FusedElementwiseAttributes{make_body(body.finish())},
                        {sketch.input(rows, "x")});
  CHECK(to_string(sketch.build.graph().type({fused, 0})) == "bf16[batch, 2]");
  CHECK(to_string(sketch.build.graph().type({fused, 2})) == "bf16[batch, 4]");
  for (std::uint32_t i = 0; i < 3; ++i) sketch.output({fused, i}, std::string("y") + char('0' + i));
  const Graph graph = sketch.finish();
  REQUIRE(why_malformed(graph) == std::nullopt);
  const auto results = evaluate(graph, {{"x", {{1, 2}, {1 + 0x1p-8, 1 + 0x1.8p-7}}}}, 1);
  CHECK(results.at("y0").values == std::vector<double>{-1, -1 - 0x1p-6});
  CHECK(results.at("y1").values == std::vector<double>{-1 - 0x1p-8, -1 - 0x1.8p-7});
  CHECK(results.at("y2").values == std::vector<double>{-1, -1 - 0x1p-6, -1, -1 - 0x1p-6});
}

TEST_CASE("what does not work element by element over rows of one width is no expression") {
  const auto refused = [](auto make) {
    Sketch body;
    return why(body, make(body));
  };
  CHECK(refused([](Sketch& b) { return b.add(Op::tanh, {b.input(rows)}); }) == "");
  CHECK(refused([](Sketch& b) { return b.input(rows); }) ==
        "its body computes nothing element by element");
  CHECK(refused([](Sketch& b) { return b.add(Op::tanh, {b.input({})}); }) ==
        "its body computes nothing element by element");
  CHECK(refused([](Sketch& b) { return b.add(Op::softmax, {b.add(Op::tanh, {b.input(rows)})}); }) ==
        "node 2 (softmax) of its body is no part of an expression of real[batch, 2]");
  CHECK(refused([](Sketch& b) {  // repeats along the last dimension
          return b.add(Op::add, {b.add(Op::tanh, {b.input(rows)}), b.input({{batch_dim, 1}})});
        }) == "node 3 (add) of its body is no part of an expression of real[batch, 2]");
  CHECK(refused([](Sketch& b) {  // two shapes
          const Value wide = b.add(Op::tanh, {b.input({{batch_dim, 3}})});
          b.output(wide);
          return b.add(Op::tanh, {b.input(rows)});
        }) == "node 3 (tanh) of its body is no part of an expression of real[batch, 3]");
  CHECK(refused([](Sketch& b) {  // a part of what is computed
          const Value y = b.add(Op::tanh, {b.input(rows)});
          return b.add(Op::slice, {y}, SliceAttributes{1, 0, 1, false});
        }) == "node 2 (slice) of its body is no part of an expression of real[batch, 2]");
  CHECK(refused([](Sketch& b) {  // side by side, and used again
          const Value y = b.add(Op::tanh, {b.input(rows)});
          const Value both = b.add(Op::concat, {y, y}, ConcatAttributes{1, false});
          return b.add(Op::concat, {both, both}, ConcatAttributes{1, false});
        }) == "node 3 (concat) of its body is no part of an expression of real[batch, 2]");
  CHECK(refused([](Sketch& b) {  // rounds what comes from outside
          const Value x = b.input(rows);
          b.output(b.add(Op::tanh, {x}));
          return b.add(Op::to_bf16, {x});
        }) == "node 2 (to_bf16) of its body is no part of an expression of real[batch, 2]");
  CHECK(refused([](Sketch& b) {
          b.output(b.add(Op::tanh, {b.input(rows)}));
          return b.input(rows);
        }) == "an output of its body is not computed there");
}

TEST_CASE("operands that are not the body's inputs are refused") {
  Sketch body;
  body.output(body.add(Op::tanh, {body.input(rows)}));
  const Attributes attributes = FusedElementwiseAttributes{make_body(body.finish())};
  Sketch sketch;
  const Value x = sketch.input(rows), wide = sketch.input({{batch_dim, 3}});
  CHECK(sketch.build.why_not(Op::fused_elementwise, attributes, {x}) == "");
  CHECK(sketch.build.why_not(Op::fused_elementwise, attributes, {x, x}) ==
        "the body takes 1 inputs, not 2");
  CHECK(sketch.build.why_not(Op::fused_elementwise, attributes, {wide}) ==
        "input 0 of the body is real[batch, 2], not real[batch, 3]");
  CHECK(sketch.build.why_not(Op::fused_elementwise, FusedElementwiseAttributes{}, {x}) ==
        "has no body");
}

}  // namespace coil::test::fused_test
