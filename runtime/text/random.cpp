#include "runtime/text/random.hpp"

#include <Random123/philox.h>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "compiler/source/internal_error.hpp"

namespace coil {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t join_words(std::uint32_t low, std::uint32_t high) {
  return std::uint64_t{high} << 32 | low;
}

double to_unit(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1.0p-53; }

}  // namespace

Random::Random(std::uint64_t seed, RandomStream stream, std::uint32_t lane)
    : seed_(seed), stream_(static_cast<std::uint32_t>(stream)), lane_(lane) {}

std::array<std::uint32_t, 4> Random::block(std::uint64_t index, std::uint32_t attempt) const {
  const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  const r123::Philox4x32::ctr_type counter{
      {low(index), low(index >> 32), stream_ + (attempt << 8), lane_}};
  const r123::Philox4x32::key_type key{{low(seed_), low(seed_ >> 32)}};
  const auto words = r123::Philox4x32{}(counter, key);
  return {words[0], words[1], words[2], words[3]};
}

std::uint64_t Random::bits(std::uint64_t index) const {
  const auto words = block(index);
  return join_words(words[0], words[1]);
}

double Random::uniform01(std::uint64_t index) const { return to_unit(bits(index)); }

double Random::uniform(double low, double high, std::uint64_t index) const {
  return low + (high - low) * uniform01(index);
}

std::uint64_t Random::below(std::uint64_t n, std::uint64_t index) const {
  require(n >= 1, "a number below 0 is asked for");
  for (std::uint32_t attempt = 0;; ++attempt) {
    const auto words = block(index, attempt);
    const Wide product = Wide{join_words(words[0], words[1])} * n;
    const auto fraction = static_cast<std::uint64_t>(product);
    // 2^64 mod n is below n: most draws are settled without the division.
    if (fraction >= n || fraction >= (0 - n) % n) return static_cast<std::uint64_t>(product >> 64);
  }
}

double Random::normal(std::uint64_t index) const {
  const auto words = block(index);
  const double u = to_unit(join_words(words[0], words[1]));
  const double v = to_unit(join_words(words[2], words[3]));
  return std::sqrt(-2.0 * std::log(1.0 - u)) * std::cos(2.0 * std::numbers::pi * v);
}

std::vector<std::uint32_t> shuffled(std::size_t n, const Random& random) {
  require(n <= std::size_t{1} << 32, "{} samples are within 32 bits", n);
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = n; i-- > 1;) std::swap(order[i], order[random.below(i + 1, i)]);
  return order;
}

}  // namespace coil
