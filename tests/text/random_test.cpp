#include "runtime/text/random.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <rapidcheck.h>
#include <set>

#include "compiler/source/internal_error.hpp"

#include "tests/text/support.hpp"

namespace coil {

namespace {

using Words = std::array<std::uint32_t, 4>;
using Order = std::vector<std::uint32_t>;

Random shuffle_of(std::uint64_t seed, std::uint32_t epoch) {
  return Random(seed, RandomStream::shuffle, epoch);
}

Order identity(std::size_t n) {
  Order order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = static_cast<std::uint32_t>(i);
  return order;
}

}  // namespace

// The vectors published with Random123 for philox4x32-10.
TEST_CASE("the generator is Philox4x32-10") {
  CHECK(Random(0, RandomStream{0}).block(0) ==
        Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(Random(~0ULL, RandomStream{0xffffffff}, 0xffffffff).block(~0ULL) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(
      Random(0x299f31d0a4093822, RandomStream{0x13198a2e}, 0x03707344).block(0x85a308d3243f6a88) ==
      Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("seed 1 means what it always meant") {
  const Random random(1, RandomStream::weights);
  CHECK(random.bits(0) == 0xe50a0ebce3e80670);
  CHECK(random.uniform01(0) == 0x1.ca141d79c7d00p-1);
  CHECK(random.uniform(-0.05, 0.05, 1) == 0x1.3278f59559b36p-5);
  CHECK(random.below(57, 2) == 31);
  CHECK(random.normal(3) == Approx(0.2573918531537358).epsilon(1e-14));
  CHECK(shuffled(10, shuffle_of(1, 0)) == Order{7, 5, 1, 4, 2, 3, 0, 6, 9, 8});
  CHECK(shuffled(10, shuffle_of(1, 1)) == Order{6, 9, 2, 0, 3, 1, 7, 8, 5, 4});
  // The first attempt is refused here.
  CHECK(Random(11, RandomStream::sample).below(3ULL << 62, 3) == 10192552507852600394ULL);
}

TEST_CASE("seed, stream, lane and index each make another number") {
  std::set<std::uint64_t> seen;
  for (const std::uint64_t seed : {1ULL, 2ULL, 1ULL << 32}) {
    for (const RandomStream stream : {RandomStream::weights, RandomStream::shuffle,
                                      RandomStream::sample, RandomStream::dropout}) {
      for (const std::uint32_t lane : {0U, 1U}) {
        for (const std::uint64_t index : {0ULL, 1ULL, 1ULL << 32}) {
          seen.insert(Random(seed, stream, lane).bits(index));
        }
      }
    }
  }
  CHECK(seen.size() == 3 * 4 * 2 * 3);
}

TEST_CASE("uniform numbers stay in their range and fill it") {
  const Random random(7, RandomStream::dropout);
  double sum = 0;
  double lowest = 1;
  double highest = 0;
  constexpr int count = 100'000;
  for (int i = 0; i < count; ++i) {
    const double value = random.uniform01(i);
    sum += value;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  CHECK(lowest >= 0);
  CHECK(lowest < 1e-3);
  CHECK(highest < 1);
  CHECK(highest > 1 - 1e-3);
  CHECK(sum / count == Approx(0.5).margin(0.005));  // five standard errors
  CHECK(random.uniform(2, 2, 0) == 2);
}

TEST_CASE("a number below n is below n, and each is equally likely") {
  const auto holds = [](std::uint64_t n, std::uint64_t index) {
    RC_PRE(n > 0);
    RC_ASSERT(Random(3, RandomStream::sample).below(n, index) < n);
  };
  CHECK(rc::check(holds));
  const Random random(5, RandomStream::sample);
  std::array<int, 3> counts = {};
  for (int i = 0; i < 30'000; ++i) ++counts[random.below(3, i)];
  for (const int count : counts) CHECK(std::abs(count - 10'000) < 410);  // five standard deviations
  CHECK(random.below(1, 0) == 0);
  CHECK_THROWS_AS(random.below(0, 0), InternalError);
}

// With n = 3 * 2^62 a draw without rejection is floor(3x / 4), a multiple of 3 for half of all x.
TEST_CASE("a large n is without bias, by drawing again") {
  const Random random(11, RandomStream::sample);
  constexpr std::uint64_t n = 3ULL << 62;
  int drawn_again = 0;
  std::array<int, 3> counts = {};
  for (int i = 0; i < 30'000; ++i) {
    const std::uint64_t value = random.below(n, i);
    ++counts[value % 3];
    const auto scaled = static_cast<std::uint64_t>(std::ldexp(random.uniform01(i) * 3, 62));
    drawn_again += (value > scaled ? value - scaled : scaled - value) > 1ULL << 20 ? 1 : 0;
  }
  for (const int count : counts) CHECK(std::abs(count - 10'000) < 410);
  CHECK(std::abs(drawn_again - 7'500) < 375);  // one draw in four is refused
}

TEST_CASE("normal numbers have mean 0 and variance 1 and no infinity") {
  const Random random(9, RandomStream::weights);
  double sum = 0;
  double squares = 0;
  constexpr int count = 100'000;
  for (int i = 0; i < count; ++i) {
    const double value = random.normal(i);
    REQUIRE(std::isfinite(value));
    sum += value;
    squares += value * value;
  }
  CHECK(sum / count == Approx(0).margin(0.016));  // five standard errors
  CHECK(squares / count == Approx(1).margin(0.0225));
}

TEST_CASE("a shuffle is a permutation, the same each time") {
  const auto holds = [](std::uint64_t seed, std::uint32_t epoch) {
    const auto n = static_cast<std::size_t>(seed % 100);
    Order order = shuffled(n, shuffle_of(seed, epoch));
    RC_ASSERT(order == shuffled(n, shuffle_of(seed, epoch)));
    std::sort(order.begin(), order.end());
    RC_ASSERT(order == identity(n));
  };
  CHECK(rc::check(holds));
  CHECK(shuffled(0, shuffle_of(1, 0)).empty());
  CHECK(shuffled(1, shuffle_of(1, 0)) == Order{0});
}

TEST_CASE("another seed or epoch is another order") {
  const Order order = shuffled(1000, shuffle_of(1, 0));
  CHECK(order != identity(1000));
  CHECK(order != shuffled(1000, shuffle_of(1, 1)));
  CHECK(order != shuffled(1000, shuffle_of(2, 0)));
}

TEST_CASE("each order of three comes equally often") {
  std::map<Order, int> counts;
  for (std::uint32_t epoch = 0; epoch < 12'000; ++epoch)
    ++counts[shuffled(3, shuffle_of(4, epoch))];
  CHECK(counts.size() == 6);
  for (const auto& [order, count] : counts) CHECK(std::abs(count - 2'000) < 205);
}

}  // namespace coil
