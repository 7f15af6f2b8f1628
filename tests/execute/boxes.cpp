// Pieces of weights: copied out of the whole and back into it, and through a store.

#include "runtime/execute/boxes.hpp"

#include <catch2/catch.hpp>
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
