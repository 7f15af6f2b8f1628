#include "runtime/kernels/bf16.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }
float wide(Bf16 x) { return std::bit_cast<float>(std::uint32_t{x} << 16); }

// The nearest by trying both neighbours: the halves of a float's bits are in the order of the numbers.
Bf16 nearest(float x) {
  const auto below = static_cast<Bf16>(bits_of(x) >> 16);
  if (std::isnan(x)) return static_cast<Bf16>(below | 0x40);
  if (std::isinf(x)) return below;
  const auto above = static_cast<Bf16>(below + 1);
  // Past the largest the next one would stand for 2^128, had the exponent room for it.
  const double up =
      std::isinf(wide(above)) ? std::copysign(0x1p128, double{x}) : double{wide(above)};
  const double to_below = std::abs(double{x} - double{wide(below)}),
               to_above = std::abs(up - double{x});
  if (to_below != to_above) return to_below < to_above ? below : above;
  return below % 2 == 0 ? below : above;
}

std::vector<float> widened(const std::vector<Bf16>& from) {
  Guarded out(std::ssize(from), 3);
  widen_bf16(from.data(), out.data(), std::ssize(from));
  CHECK(out.intact());
  return out.values();
}

}  // namespace

TEST_CASE("numbers are rounded to the nearest bf16, ties to the even one, whatever their bits") {
  Random random(3);
  std::mt19937 any(5);
  std::vector<float> in = random.normal(4096);
  for (int i = 0; i < 8192; ++i)
    in.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(any())));
  for (const std::uint32_t low : {0x0u, 0x1u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu})
    for (const std::uint32_t high : {0x0u, 0x1u, 0x7fu, 0x80u, 0x3f80u, 0x3f81u, 0x7f7fu, 0x7f80u,
                                     0x7fffu, 0xbf80u, 0xff7fu, 0xff80u, 0xffffu})
      in.push_back(std::bit_cast<float>(high << 16 | low));
  std::vector<Bf16> out(in.size());
  round_to_bf16(in.data(), out.data(), std::ssize(in));
  for (std::size_t i = 0; i < in.size(); ++i) {
    INFO(std::hex << bits_of(in[i]));
    REQUIRE(out[i] == nearest(in[i]));
  }
}

TEST_CASE("rounding works at any length and place, and writes nothing else") {
  CHECK(rc::check([] {
    const Case c = any_case();
    Random random(c.seed);
    const std::vector<float> in = random.normal(c.rows * c.columns);
    constexpr Bf16 canary = 0xdead;
    std::vector<Bf16> out(in.size() + 64, canary);
    round_to_bf16(in.data(), out.data() + 32 + c.shift, std::ssize(in));
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto at = static_cast<Index>(i) - 32 - c.shift;
      const bool is_inside = at >= 0 && at < std::ssize(in);
      RC_ASSERT(out[i] == (is_inside ? nearest(in[static_cast<std::size_t>(at)]) : canary));
    }
  }));
}

TEST_CASE("widening is exact, and what is rounded twice is rounded once") {
  std::vector<Bf16> all(1 << 16);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Bf16>(i);
  const std::vector<float> wide_ones = widened(all);
  for (std::size_t i = 0; i < all.size(); ++i)
    CHECK(bits_of(wide_ones[i]) == static_cast<std::uint32_t>(i) << 16);
  std::vector<Bf16> again(all.size());
  round_to_bf16(wide_ones.data(), again.data(), std::ssize(again));
  for (std::size_t i = 0; i < all.size(); ++i)
    CHECK(again[i] == (std::isnan(wide_ones[i]) ? (all[i] | 0x40) : all[i]));
}

TEST_CASE("rounding divides large arrays among threads without a gap") {
  const int threads = omp_get_max_threads();
  Random random(1);
  const std::vector<float> in = random.normal(300'001);
  std::vector<Bf16> one(in.size()), three(in.size());
  omp_set_num_threads(1);
  round_to_bf16(in.data(), one.data(), std::ssize(in));
  const std::vector<float> wide_one = widened(one);
  omp_set_num_threads(3);
  round_to_bf16(in.data(), three.data(), std::ssize(in));
  const std::vector<float> wide_three = widened(three);
  omp_set_num_threads(threads);
  CHECK(one == three);
  CHECK(same_bits(wide_one, wide_three));
}

}  // namespace coil::kernels::test
