// Pieces of weights: copied out of the whole and back into it, and through a store.

#include "runtime/execute/boxes.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "compiler/graph/evaluate.hpp"
#include "compiler/source/internal_error.hpp"

#include "tests/execute/run_graph.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

std::size_t elements(const std::vector<std::int64_t>& size) {
  std::size_t total = 1;
  for (const std::int64_t extent : size) total *= static_cast<std::size_t>(extent);
  return total;
}

Piece random_piece(Rng& rng) {
  Piece piece{"w", random_fixed_shape(rng, 0, 4), {}, {}};
  for (const std::int64_t dim : piece.whole.dims) {
    piece.begin.push_back(rng.between(0, dim - 1));
    piece.size.push_back(rng.between(1, dim - piece.begin.back()));
  }
  return piece;
}

std::vector<float> counting(std::size_t size) {
  std::vector<float> values(size);
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

Value add_piece(Sketch& sketch, const std::string& name, Shape shape, Piece piece) {
  return sketch.build.leaf(Op::weight, WeightAttributes{{name}, {}, std::move(piece)},
                           {Element::real, std::move(shape)});
}

}  // namespace

TEST_CASE("a box is what the interpreter cuts, and goes back to where it was") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Rng rng(seed);
    const Piece piece = random_piece(rng);
    INFO("seed " << seed);
    const auto whole = counting(elements(piece.whole.dims));
    const Array meant =
        cut({piece.whole.dims, {whole.begin(), whole.end()}}, piece.begin, piece.size, {});
    std::vector<float> part(elements(piece.size));
    gather_box(whole, piece, part);
    CHECK(std::ranges::equal(part, meant.values));

    std::vector<float> changed(whole.size(), -1.0f);
    scatter_box(part, piece, changed);
    std::size_t inside = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      CHECK((changed[i] == whole[i] || changed[i] == -1.0f));
      inside += changed[i] == whole[i] ? 1 : 0;
    }
    CHECK(inside == part.size());
  }
}

TEST_CASE("boxes and spans that do not fit are refused") {
  std::vector<float> whole(12), part(4);
  const auto refused = [&](Piece piece) {
    CHECK_THROWS_AS(gather_box(whole, piece, part), InternalError);
    CHECK_THROWS_AS(scatter_box(part, piece, whole), InternalError);
  };
  CHECK_NOTHROW(gather_box(whole, {"w", {{3, 4}}, {1, 2}, {2, 2}}, part));
  refused({"w", {{3, 4}}, {2, 2}, {2, 2}});
  refused({"w", {{3, 4}}, {-1, 2}, {2, 2}});
  refused({"w", {{3, 4}}, {1, 2}, {2, 1}});
  refused({"w", {{3, 5}}, {1, 2}, {2, 2}});
  refused({"w", {{3, 4}}, {1}, {4}});
}

TEST_CASE("a store shows the whole of what programs use in pieces") {
  Sketch sketch;
  const Value left = add_piece(sketch, "w[:, 0:2]", {{2, 2}}, {"w", {{2, 5}}, {0, 0}, {2, 2}});
  const Value row = add_piece(sketch, "w[1, 3:5]", {{2}}, {"w", {{2, 5}}, {1, 3}, {1, 2}});
  const Graph graph = sketch.finish(sketch.add(Op::add, {left, row}));
  Store store;
  store.add_leaves_of(graph);
  store.add_leaves_of(graph);
  CHECK(store.stored("w") == std::vector<float>(10, 0.0f));
  const std::uint64_t version = store.version();
  store.set_stored("w", counting(10));
  CHECK(store.version() != version);
  CHECK(std::ranges::equal(store.values("w[:, 0:2]"), std::vector<float>{1, 2, 6, 7}));
  CHECK(std::ranges::equal(store.values("w[1, 3:5]"), std::vector<float>{9, 10}));

  // What a program changes is seen in the whole; what no piece covers stays.
  store.values("w[1, 3:5]")[1] = -4;
  CHECK(store.stored("w") == std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9, -4});
  CHECK_THROWS_AS(store.set_stored("w", counting(9)), InternalError);
  CHECK_THROWS_AS(store.stored("v"), InternalError);
}

TEST_CASE("a whole that its pieces have is put together from them") {
  Sketch sketch;
  const Value left = add_piece(sketch, "w[0:3]", {{3}}, {"w", {{5}}, {0}, {3}});
  const Value right = add_piece(sketch, "w[3:5]", {{2}}, {"w", {{5}}, {3}, {2}});
  const Graph graph =
      sketch.finish(sketch.add(Op::concat, {left, right}, ConcatAttributes{0, false}));
  Store store;
  store.add_leaves_of(graph);
  CHECK(store.stored("w") == std::vector<float>(5, 0.0f));
  store.set_stored("w", counting(5));
  store.values("w[3:5]")[1] = -4;
  CHECK(store.stored("w") == std::vector<float>{1, 2, 3, 4, -4});
}

Value add_joint(Sketch& sketch, Shape shape, Joint joint) {
  std::string name;
  for (const Joint::Part& part : joint.parts) name += part.name;
  return sketch.build.leaf(Op::weight, WeightAttributes{{name}, {}, {}, std::move(joint)},
                           {Element::real, std::move(shape)});
}

Value right_then_left(Sketch& sketch) {
  return add_joint(sketch, {{2, 5}}, {1, {{"w[:, 2:5]", 3}, {"w[:, 0:2]", 2}}});
}

// The columns of a stored [2, 5] in two pieces, and a joint that has them in the other order.
struct TwoWays {
  Store store;

  TwoWays() {
    Sketch apart, together;
    const Value left = add_piece(apart, "w[:, 0:2]", {{2, 2}}, {"w", {{2, 5}}, {0, 0}, {2, 2}});
    const Value right = add_piece(apart, "w[:, 2:5]", {{2, 3}}, {"w", {{2, 5}}, {0, 2}, {2, 3}});
    store.add_leaves_of(
        apart.finish(apart.add(Op::concat, {right, left}, ConcatAttributes{1, false})));
    store.add_leaves_of(together.finish(right_then_left(together)));
    store.set_stored("w", counting(10));
  }
  std::span<float> joint() { return store.values("w[:, 2:5]w[:, 0:2]"); }
};

TEST_CASE("a joint has what its parts had, and they have what it had when they are asked for") {
  TwoWays both;
  const std::uint64_t arrangement = both.store.arrangement();
  CHECK(std::ranges::equal(both.joint(), std::vector<float>{3, 4, 5, 1, 2, 8, 9, 10, 6, 7}));
  CHECK(both.store.arrangement() != arrangement);

  both.joint()[1] = -4;
  CHECK(both.store.copy_of("w[:, 2:5]") == std::vector<float>{3, -4, 5, 8, 9, 10});
  CHECK(both.store.stored("w") == std::vector<float>{1, 2, 3, -4, 5, 6, 7, 8, 9, 10});
  CHECK(std::ranges::equal(both.store.values("w[:, 0:2]"), std::vector<float>{1, 2, 6, 7}));
  CHECK(std::ranges::equal(both.store.values("w[:, 2:5]"), std::vector<float>{3, -4, 5, 8, 9, 10}));

  both.store.values("w[:, 0:2]")[3] = -7;
  CHECK(std::ranges::equal(both.joint(), std::vector<float>{3, -4, 5, 1, 2, 8, 9, 10, 6, -7}));
  // What is stored reaches the joint while it has the parts.
  both.store.set_stored("w", counting(10));
  CHECK(std::ranges::equal(both.joint(), std::vector<float>{3, 4, 5, 1, 2, 8, 9, 10, 6, 7}));
}

TEST_CASE("a part goes from one joint into another, and the rest of the first comes home") {
  TwoWays both;
  Sketch sketch;
  const Value other = add_joint(sketch, {{3, 2}}, {0, {{"w[:, 0:2]", 2}, {"v", 1}}});
  both.store.add_leaves_of(sketch.finish(other));
  both.joint()[3] = -1;
  CHECK(std::ranges::equal(both.store.values("w[:, 0:2]v"), std::vector<float>{-1, 2, 6, 7, 0, 0}));
  both.store.values("w[:, 0:2]v")[4] = 11;
  CHECK(both.store.stored("v") == std::vector<float>{11, 0});
  CHECK(both.store.stored("w") == std::vector<float>{-1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
}

TEST_CASE("a joint is one of certain leaves in a certain order") {
  TwoWays both;
  const auto refused = [&](Shape shape, Joint joint) {
    Sketch sketch;
    const Graph graph = sketch.finish(add_joint(sketch, std::move(shape), std::move(joint)));
    CHECK_THROWS_AS(both.store.add_leaves_of(graph), InternalError);
  };
  refused({{2, 5}}, {1, {{"w[:, 2:5]", 2}, {"w[:, 0:2]", 3}}});
  refused({{3, 4}}, {0, {{"w[:, 0:2]", 3}}});
}

TEST_CASE("a weight is found by its stored name, whatever has it") {
  TwoWays both;
  const auto negative = [&] {
    return both.store.weight_that([](std::span<const float> values) {
      return std::ranges::any_of(values, [](float x) { return x < 0; });
    });
  };
  CHECK(negative() == std::nullopt);
  both.joint()[0] = -1;
  CHECK(negative() == "w");
  both.store.values("w[:, 2:5]")[0] = 1;
  CHECK(negative() == std::nullopt);
  both.store.values("w[:, 2:5]")[5] = -1;
  CHECK(negative() == "w");
}

TEST_CASE("programs that cut a weight in two ways see what the other has done") {
  TwoWays both;
  Sketch sketch;
  const Value left = add_piece(sketch, "w[:, 0:2]", {{2, 2}}, {"w", {{2, 5}}, {0, 0}, {2, 2}});
  const Graph apart = sketch.finish(sketch.add(Op::tanh, {left}));
  onednn::PackedWeights packed;
  Sketch whole;
  const Graph together = whole.finish(whole.add(Op::relu, {right_then_left(whole)}));
  Program reads_pieces(make_plan(apart, 1), both.store, packed, 1);
  Program reads_joint(make_plan(together, 1), both.store, packed, 1);
  const std::string name = apart.outputs[0].name, other = together.outputs[0].name;
  for (const float x : {3.0f, 5.0f}) {
    both.store.values("w[:, 0:2]")[0] = x;
    reads_joint.prepare();  // what only weights decide is computed then
    CHECK(reads_joint.output(other)[3] == x);
    both.joint()[3] = -x;
    reads_pieces.prepare();
    CHECK(reads_pieces.output(name)[0] == Approx(std::tanh(-x)));
  }
}

TEST_CASE("leaves that come later have a place of their own, and those of before stay in theirs") {
  const auto graph = [](const std::string& name, std::int64_t size) {
    Sketch sketch;
    return sketch.finish(sketch.weight({{size}}, name));
  };
  Store store;
  store.add_leaves_of(graph("a", 3));
  const float* first = store.values("a").data();
  store.set_stored("a", counting(3));
  store.add_leaves_of(graph("b", 1'000'000));
  store.add_leaves_of(graph("a", 3));
  CHECK(store.values("a").data() == first);
  CHECK(store.stored("a") == counting(3));
  CHECK(reinterpret_cast<std::uintptr_t>(store.values("b").data()) % 64 == 0);
}

TEST_CASE("a weight without pieces is its own whole") {
  Sketch sketch;
  const Graph graph = sketch.finish(sketch.weight({{3}}, "w"));
  Store store;
  store.add_leaves_of(graph);
  store.set_stored("w", counting(3));
  CHECK(store.stored("w") == counting(3));
  CHECK(store.values("w")[2] == 3.0f);
}

TEST_CASE("one leaf is one piece of one whole") {
  const auto graph = [](Piece piece) {
    Sketch sketch;
    return sketch.finish(add_piece(sketch, "p", {{2}}, std::move(piece)));
  };
  Store store;
  store.add_leaves_of(graph({"w", {{4}}, {0}, {2}}));
  CHECK_THROWS_AS(store.add_leaves_of(graph({"w", {{4}}, {1}, {2}})), InternalError);
  CHECK_THROWS_AS(store.add_leaves_of(graph({"w", {{5}}, {0}, {2}})), InternalError);
}

}  // namespace coil::test
