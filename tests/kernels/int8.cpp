#include "runtime/kernels/int8.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

std::int8_t whole(float x, float scale) {
  const float quotient = x / scale;
  if (std::isnan(quotient)) return 0;
  return static_cast<std::int8_t>(std::clamp(std::nearbyint(quotient), -127.0f, 127.0f));
}

constexpr std::int8_t canary = -128;  // which no number becomes

}  // namespace

TEST_CASE("reals become the nearest whole number, ties the even one, at any length and place") {
  CHECK(rc::check([] {
    const Case c = any_case();
    Random random(c.seed);
    std::vector<float> in = random.normal(c.rows * c.columns);
    for (std::size_t i = 0; i < in.size(); i += 3) in[i] = std::round(in[i] * 64) / 64;
    for (const float scale : {0.03125f, 0.01f, 3.0f}) {
      std::vector<std::int8_t> out(in.size() + 128, canary);
      RC_ASSERT(to_int8(in.data(), out.data() + 64 + c.shift, std::ssize(in), scale));
      for (std::size_t i = 0; i < out.size(); ++i) {
        const auto at = static_cast<Index>(i) - 64 - c.shift;
        const bool is_inside = at >= 0 && at < std::ssize(in);
        RC_ASSERT(out[i] == (is_inside ? whole(in[static_cast<std::size_t>(at)], scale) : canary));
      }
      std::vector<float> wide(in.size());
      widen_int8(out.data() + 64 + c.shift, wide.data(), std::ssize(in));
      for (std::size_t i = 0; i < in.size(); ++i) RC_ASSERT(wide[i] == whole(in[i], scale));
    }
  }));
}

TEST_CASE("infinities are the largest whole numbers, and a NaN anywhere is told") {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (const Index size : {1, 3, 16, 17, 100, 200'000}) {
    std::vector<float> in(static_cast<std::size_t>(size), infinity);
    std::vector<std::int8_t> out(in.size());
    CHECK(to_int8(in.data(), out.data(), size, 1));
    CHECK(std::ranges::count(out, 127) == size);
    in.assign(in.size(), -infinity);
    CHECK(to_int8(in.data(), out.data(), size, 1));
    CHECK(std::ranges::count(out, -127) == size);
    for (const Index at : {Index{0}, size / 2, size - 1}) {
      in.assign(in.size(), 2);
      in[static_cast<std::size_t>(at)] = std::nanf("");
      CHECK_FALSE(to_int8(in.data(), out.data(), size, 1));
      CHECK(out[static_cast<std::size_t>(at)] == 0);
    }
  }
}

TEST_CASE("columns have scales of their own, by which their largest becomes 127") {
  CHECK(rc::check([] {
    const Case c = any_case();
    Random random(c.seed);
    const std::vector<float> in = random.normal(c.rows * c.columns);
    std::vector<float> scales(static_cast<std::size_t>(c.columns), -1);
    std::vector<std::int8_t> out(in.size(), canary);
    column_scales(in.data(), scales.data(), {c.rows, c.columns});
    to_int8_columns(in.data(), scales.data(), out.data(), {c.rows, c.columns});
    for (std::size_t column = 0; column < scales.size(); ++column) {
      float largest = 0;
      for (std::size_t i = column; i < in.size(); i += scales.size()) {
        largest = std::max(largest, std::abs(in[i]));
        RC_ASSERT(out[i] == whole(in[i], scales[column]));
      }
      RC_ASSERT(scales[column] == (largest == 0 ? 1 : largest / 127));
    }
  }));
}

TEST_CASE("a column of zeros or of denormals has the scale one, and one with a NaN none") {
  const float nan = std::nanf(""), tiny = 0x1p-127f;
  const std::vector<float> in = {0, tiny, nan, 1, 254, 0, -tiny, 5, nan, -127};
  std::vector<float> scales(5);
  std::vector<std::int8_t> out(in.size());
  column_scales(in.data(), scales.data(), {2, 5});
  to_int8_columns(in.data(), scales.data(), out.data(), {2, 5});
  CHECK(scales[0] == 1);
  CHECK(scales[1] == 1);
  CHECK(std::isnan(scales[2]));
  CHECK(std::isnan(scales[3]));
  CHECK(scales[4] == 2);
  CHECK(out == std::vector<std::int8_t>{0, 0, 0, 0, 127, 0, 0, 0, 0, -64});
}

}  // namespace coil::kernels::test
