#include <catch2/catch.hpp>

#include "compiler/compare/compare.hpp"
#include "compiler/graph/hash.hpp"

#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

struct Start {
  std::string name;
  Initializer initializer;
  Piece piece = {};
};

// A row of weights of eight numbers each, side by side.
Graph weights(const std::vector<Start>& starts) {
  Sketch sketch;
  std::vector<Value> row;
  for (const Start& start : starts)
    row.push_back(sketch.build.leaf(Op::weight,
                                    WeightAttributes{{start.name}, start.initializer, start.piece},
                                    {Element::real, {{2, 4}}}));
  return sketch.finish(sketch.add(Op::concat, row, ConcatAttributes{0, false}));
}

std::string differing(const std::vector<Start>& a, const std::vector<Start>& b) {
  const Graph of_a = weights(a), of_b = weights(b);
  CHECK(hash_of(of_a) == hash_of(of_b));
  return differing_initial_values(of_a, of_b);
}

constexpr Initializer zeros{}, ones{InitializerKind::ones}, glorot{InitializerKind::glorot_uniform},
    forget{InitializerKind::lstm_bias};

// Columns [begin, begin + 4) of a weight of 16.
Piece columns(std::int64_t begin) { return {"whole", {{2, 16}}, {0, begin}, {2, 4}}; }

}  // namespace

TEST_CASE("equal initial values are not worth a word, whatever the names") {
  CHECK(differing({{"k", glorot}, {"b", zeros}}, {{"K", glorot}, {"B", zeros}}).empty());
  CHECK(
      differing({{"u", {InitializerKind::uniform, 0.5}}}, {{"v", {InitializerKind::uniform, 0.5}}})
          .empty());
}

TEST_CASE("other initial values are told with both names") {
  CHECK(differing({{"k", glorot}, {"b", zeros}}, {{"K", glorot}, {"B", ones}}) ==
        "initial values differ: b (zeros) in A and B (ones) in B");
  CHECK(differing({{"u", {InitializerKind::uniform, 0.5}}},
                  {{"v", {InitializerKind::uniform, 0.25}}}) ==
        "initial values differ: u (uniform 0.5) in A and v (uniform 0.25) in B");
}

TEST_CASE("a piece starts as the weight it is cut from") {
  CHECK(differing({{"k", glorot, columns(4)}}, {{"K", glorot, columns(8)}}).empty());
  CHECK(differing({{"k", glorot, columns(4)}}, {{"K", glorot}}) ==
        "initial values differ: k (glorot_uniform over [2, 16]) in A and K (glorot_uniform over "
        "[2, 4]) in B");
  CHECK(differing({{"k", zeros, columns(4)}}, {{"K", zeros}}).empty());
}

TEST_CASE("the gates of an lstm_bias are zeros or ones") {
  CHECK(
      differing({{"i", forget, columns(0)}, {"f", forget, columns(4)}, {"o", forget, columns(12)}},
                {{"I", zeros}, {"F", ones}, {"O", zeros}})
          .empty());
  CHECK(differing({{"f", forget, columns(4)}}, {{"F", zeros}}) ==
        "initial values differ: f (ones) in A and F (zeros) in B");
  CHECK(differing({{"f", forget, columns(2)}}, {{"F", zeros}}) ==
        "initial values differ: f (lstm_bias over [2, 16]) in A and F (zeros) in B");
}

TEST_CASE("many are counted") {
  const std::vector<Start> a = {
      {"a", zeros}, {"b", zeros}, {"c", zeros}, {"d", zeros}, {"e", zeros}};
  std::vector<Start> b = a;
  for (Start& start : b) start.initializer = ones;
  CHECK(
      differing(a, b) ==
      "initial values differ: a (zeros) in A and a (ones) in B; b (zeros) in A and b (ones) in B; "
      "c (zeros) in A and c (ones) in B; and 2 more weights");
}

}  // namespace coil::test
