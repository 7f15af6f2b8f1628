// What slice, concat and scan compute, against numbers worked out by hand.

#include <catch2/catch.hpp>

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/verify.hpp"
#include "compiler/source/internal_error.hpp"

#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

using Numbers = std::vector<double>;

// x is [2, 3] fixed and 0 .. 5.
Array of(Op op, Attributes attributes, std::size_t times = 1) {
  Sketch sketch;
  const Value x = sketch.input({{2, 3}}, "x");
  const Graph graph =
      sketch.finish(sketch.add(op, std::vector<Value>(times, x), std::move(attributes)));
  REQUIRE(why_malformed(graph) == std::nullopt);
  return evaluate(graph, {{"x", {{2, 3}, {0, 1, 2, 3, 4, 5}}}}, 1).at("output0");
}

// h' = x + 2 h, yielding h' * k and h (the value before).
Graph doubling(bool reverse) {
  Sketch body;
  const Shape row{{batch_dim, 1}};
  const Value x = body.input(row), h = body.input(row), k = body.input({});
  const Value next = body.add(Op::add, {x, body.add(Op::mul, {h, body.build.constant(2)})});
  body.output(next);
  body.output(body.add(Op::mul, {next, k}));
  body.output(h);
  Sketch sketch;
  const Value operands[] = {sketch.input({{batch_dim, 3, 1}}, "x"), sketch.input(row, "h"),
                            sketch.weight({}, "k")};
  const NodeId scan =
      sketch.build.node(Op::scan, ScanAttributes{3, 1, 1, reverse, make_body(body.finish())},
                        {std::begin(operands), std::end(operands)});
  sketch.output({scan, 0}, "last");
  sketch.output({scan, 1}, "tenfold");
  sketch.output({scan, 2}, "before");
  return sketch.finish();
}

}  // namespace

TEST_CASE("slice takes a part of one dimension") {
  const Array columns = of(Op::slice, SliceAttributes{1, 1, 2, false});
  CHECK(columns.dims == std::vector<std::int64_t>{2, 2});
  CHECK(columns.values == Numbers{1, 2, 4, 5});
  const Array row = of(Op::slice, SliceAttributes{0, 1, 1, true});
  CHECK(row.dims == std::vector<std::int64_t>{3});
  CHECK(row.values == Numbers{3, 4, 5});
  CHECK(of(Op::slice, SliceAttributes{1, 2, 1, true}).values == Numbers{2, 5});
}

TEST_CASE("concat puts side by side, or stacks") {
  const Array wide = of(Op::concat, ConcatAttributes{1, false}, 2);
  CHECK(wide.dims == std::vector<std::int64_t>{2, 6});
  CHECK(wide.values == Numbers{0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5});
  CHECK(of(Op::concat, ConcatAttributes{0, false}, 2).values ==
        Numbers{0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5});
  const Array stacked = of(Op::concat, ConcatAttributes{1, true}, 2);
  CHECK(stacked.dims == std::vector<std::int64_t>{2, 2, 3});
  CHECK(stacked.values == Numbers{0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5});
  const Array last = of(Op::concat, ConcatAttributes{2, true}, 2);
  CHECK(last.dims == std::vector<std::int64_t>{2, 3, 2});
  CHECK(last.values == Numbers{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5});
}

TEST_CASE("what slice and concat do not take") {
  Sketch sketch;
  const Value x = sketch.input({{batch_dim, 3}}), y = sketch.input({{batch_dim, 2}});
  const auto why = [&](Op op, const std::vector<Value>& operands, Attributes attributes) {
    return sketch.build.why_not(op, attributes, operands);
  };
  CHECK(why(Op::slice, {x}, SliceAttributes{0, 0, 1, false}) ==
        "the batch of real[batch, 3] is not cut");
  CHECK(why(Op::slice, {x}, SliceAttributes{2, 0, 1, false}) ==
        "real[batch, 3] has no dimension 2");
  CHECK(why(Op::slice, {x}, SliceAttributes{-1, 0, 1, false}) ==
        "real[batch, 3] has no dimension -1");
  CHECK(why(Op::slice, {x}, SliceAttributes{1, 2, 2, false}) == "2 from 2 is not inside 3");
  CHECK(why(Op::slice, {x}, SliceAttributes{1, -1, 1, false}) == "1 from -1 is not inside 3");
  CHECK(why(Op::slice, {x}, SliceAttributes{1, 0, INT64_MAX, false}) != "");
  CHECK(why(Op::slice, {x}, SliceAttributes{1, 0, 2, true}) == "2 elements are not one");
  CHECK(why(Op::concat, {x, y}, ConcatAttributes{0, false}) == "batches are not put side by side");
  CHECK(why(Op::concat, {x, y}, ConcatAttributes{1, true}) ==
        "real[batch, 3] and real[batch, 2] differ");
  CHECK(why(Op::concat, {x, y}, ConcatAttributes{1, false}) == "");
  CHECK(why(Op::concat, {x, sketch.input({{2, 2}})}, ConcatAttributes{1, false}) ==
        "real[batch, 3] and real[2, 2] differ");
  CHECK(why(Op::concat, {x, x}, ConcatAttributes{3, true}) == "real[batch, 3] has no dimension 3");
  const Value wide = sketch.input({{1 << 30}});
  CHECK(why(Op::concat, {wide, wide, wide}, ConcatAttributes{0, false}) ==
        "more than 2147483648 elements");
}

TEST_CASE("a scan runs its body step after step, forwards and backwards") {
  const Feeds feeds = {
      {"x", {{2, 3, 1}, {1, 2, 3, 10, 20, 30}}}, {"h", {{2, 1}, {1, 0}}}, {"k", {{}, {10}}}};
  auto outputs = evaluate(doubling(false), feeds, 2);
  CHECK(outputs.at("last").values == Numbers{19, 110});  // ((1 + 2) * 2 + 2) * 2 + 3
  CHECK(outputs.at("tenfold").dims == std::vector<std::int64_t>{2, 3, 1});
  CHECK(outputs.at("tenfold").values == Numbers{30, 80, 190, 100, 400, 1100});
  CHECK(outputs.at("before").values == Numbers{1, 3, 8, 0, 10, 40});
  outputs = evaluate(doubling(true), feeds, 2);
  CHECK(outputs.at("last").values == Numbers{25, 170});
  CHECK(outputs.at("tenfold").values == Numbers{250, 120, 50, 1700, 800, 300});
  CHECK(outputs.at("before").values == Numbers{12, 5, 1, 80, 30, 0});
}

TEST_CASE("sequences may be fed in parts, and pieces cut from their whole") {
  Graph graph = doubling(false);
  graph.parts = {{"a", "x", 0}, {"b", "x", 1}, {"c", "x", 2}};
  REQUIRE(why_malformed(graph) == std::nullopt);
  const Feeds feeds = {{"a", {{2, 1}, {1, 10}}},
                       {"b", {{2, 1}, {2, 20}}},
                       {"c", {{2, 1}, {3, 30}}},
                       {"h", {{2, 1}, {1, 0}}},
                       {"k", {{}, {10}}}};
  CHECK(evaluate(graph, feeds, 2).at("last").values == Numbers{19, 110});

  Sketch sketch;
  const Piece piece{"W", {{2, 3}}, {1, 1}, {1, 2}};
  const Value w =
      sketch.build.leaf(Op::weight, WeightAttributes{{"w"}, {}, piece}, {Element::real, {{2}}});
  const Graph cut = sketch.finish(w);
  CHECK(evaluate(cut, {{"W", {{2, 3}, {0, 1, 2, 3, 4, 5}}}}, 1).at("output0").values ==
        Numbers{4, 5});
  CHECK_THROWS_AS(evaluate(cut, {{"W", {{3, 2}, {0, 1, 2, 3, 4, 5}}}}, 1), InternalError);
}

}  // namespace coil::test
