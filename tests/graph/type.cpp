#include "compiler/graph/type.hpp"

#include <catch2/catch.hpp>
#include <limits>

namespace coil::test {
namespace {

std::string stretched(const Shape& a, const Shape& b) {
  const auto shape = broadcast(a, b);
  return shape ? to_string(*shape) : "clash";
}

}  // namespace

TEST_CASE("types print and parse back") {
  const std::vector<std::pair<Type, std::string>> types = {
      {{Element::real, {}}, "real[]"},
      {{Element::index, {}}, "index[]"},
      {{Element::bf16, {{512, 2048}}}, "bf16[512, 2048]"},
      {{Element::real, {{batch_dim}}}, "real[batch]"},
      {{Element::index, {{batch_dim, 8}}}, "index[batch, 8]"},
      {{Element::real, {{1, 2, 3, 4, 5, 6, 7, 8}}}, "real[1, 2, 3, 4, 5, 6, 7, 8]"},
      {{Element::real, {{largest_value}}}, "real[2147483648]"},
  };
  for (const auto& [type, text] : types) {
    CHECK(to_string(type) == text);
    CHECK(parse_type(text) == type);
  }
}

TEST_CASE("what is no type does not parse") {
  for (const char* text : {"",
                           "real",
                           "real[",
                           "real]",
                           "[3]",
                           "Real[3]",
                           "real [3]",
                           "real[3",
                           "real[3]]",
                           "real[3] ",
                           "real[ 3]",
                           "real[3,4]",
                           "real[3, ]",
                           "real[, 3]",
                           "real[3,  4]",
                           "real[0]",
                           "real[-1]",
                           "real[+3]",
                           "real[03]",
                           "real[3.0]",
                           "real[1e3]",
                           "real[0x3]",
                           "real[3, batch]",
                           "real[batch, batch]",
                           "real[Batch]",
                           "real[9223372036854775808]",
                           "real[2147483649]",
                           "real[65536, 65536]",
                           "real[1, 1, 1, 1, 1, 1, 1, 1, 1]",
                           "real[batch",
                           "bool[3]"}) {
    INFO(text);
    CHECK(parse_type(text) == std::nullopt);
  }
}

TEST_CASE("shapes broadcast aligned at their last dimension, ones stretching") {
  CHECK(stretched({}, {}) == "[]");
  CHECK(stretched({}, {{2, 3}}) == "[2, 3]");
  CHECK(stretched({{3}}, {{2, 3}}) == "[2, 3]");
  CHECK(stretched({{2, 1}}, {{3}}) == "[2, 3]");
  CHECK(stretched({{2, 1}}, {{1, 3}}) == "[2, 3]");
  CHECK(stretched({{1}}, {{1}}) == "[1]");
  CHECK(stretched({{batch_dim, 256}}, {{256}}) == "[batch, 256]");
  CHECK(stretched({{batch_dim, 1}}, {{256}}) == "[batch, 256]");
  CHECK(stretched({{batch_dim}}, {{1}}) == "[batch]");
  CHECK(stretched({{batch_dim, 2}}, {{batch_dim, 2}}) == "[batch, 2]");
  CHECK(stretched({{1, 2}}, {{batch_dim, 1}}) == "[batch, 2]");
}

TEST_CASE("shapes that clash do not broadcast") {
  CHECK(stretched({{2}}, {{3}}) == "clash");
  CHECK(stretched({{3, 2}}, {{3}}) == "clash");
  CHECK(stretched({{batch_dim}}, {{3}}) == "clash");
  CHECK(stretched({{batch_dim, 3}}, {{2, 3}}) == "clash");
  // The batch would come to stand in the middle.
  CHECK(stretched({{batch_dim}}, {{8, 1}}) == "clash");
  CHECK(stretched({{batch_dim}}, {{1, 1}}) == "clash");
  CHECK(stretched({{batch_dim, 2}}, {{5, 1, 1}}) == "clash");
  CHECK(stretched({{batch_dim}}, {{8, batch_dim}}) == "clash");
}

TEST_CASE("broadcasting does not depend on the order of the two") {
  const std::vector<Shape> shapes = {{},
                                     {{1}},
                                     {{3}},
                                     {{2, 3}},
                                     {{2, 1}},
                                     {{1, 1}},
                                     {{batch_dim}},
                                     {{batch_dim, 3}},
                                     {{1, 2, 3}},
                                     {{batch_dim, 1}},
                                     {{2, 2, 3}},
                                     {{batch_dim, 2, 3}}};
  for (const Shape& a : shapes)
    for (const Shape& b : shapes) {
      CHECK(stretched(a, b) == stretched(b, a));
      CHECK(broadcasts_to(a, b) == (stretched(a, b) == to_string(b)));
    }
  CHECK(broadcasts_to({{3}}, {{batch_dim, 3}}));
  CHECK_FALSE(broadcasts_to({{batch_dim, 3}}, {{3}}));
}

TEST_CASE("counts overflow to nothing") {
  CHECK(count(Shape{}) == 1);
  CHECK(count(Shape{{batch_dim, 3, 4}}) == 12);
  CHECK(count(Shape{{largest_value}}) == largest_value);
  CHECK(count(Shape{{largest_value, 2}}) == std::nullopt);
  CHECK(count(Shape{{std::numeric_limits<std::int64_t>::max(), 2}}) == std::nullopt);
  CHECK(count(Shape{{1 << 20, 1 << 20, 1 << 20, 1 << 20}}) == std::nullopt);
  CHECK(count(Shape{{batch_dim, 3}}, 5) == 15);
  CHECK(count(Shape{{3}}, 5) == 3);
  CHECK_THROWS(count(Shape{{batch_dim, largest_value}}, std::int64_t{1} << 40));
}

TEST_CASE("an invalid shape says why") {
  CHECK(why_invalid({}) == std::nullopt);
  CHECK(why_invalid({{batch_dim, 1, 2}}) == std::nullopt);
  CHECK(why_invalid({{2, 0}}) == "dimension 0 is not positive");
  CHECK(why_invalid({{2, batch_dim}}) == "dimension -1 is not positive");
  CHECK(why_invalid({{-2}}) == "dimension -2 is not positive");
  CHECK(why_invalid({{1, 1, 1, 1, 1, 1, 1, 1, 1}}) == "9 dimensions are more than 8");
  CHECK(why_invalid({{65536, 65536}}) == "[65536, 65536] has more than 2147483648 elements");
}

}  // namespace coil::test
