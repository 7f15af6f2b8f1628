#pragma once

// Random numbers as a function: value = f(seed, stream, lane, index), through Philox4x32-10. There is
// no state to share, so values do not depend on the number of threads or the order of the calls, and
// a resumed run finds its place by arithmetic.
//   key      seed: low word, high word
//   counter  index: low word, high word; stream + 256 * attempt; lane

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coil {

// What a number is for. The values are part of what a seed means: never renumber.
enum class RandomStream : std::uint32_t {
  weights = 0,
  shuffle = 1,
  sample = 2,
  dropout = 3,
  probe = 4
};

class Random {
 public:
  // `lane` tells apart what shares a stream: which weight, which epoch, which layer.
  Random(std::uint64_t seed, RandomStream stream, std::uint32_t lane = 0);

  // Four independent words; the functions below use words 0 and 1, normal() all of them.
  std::array<std::uint32_t, 4> block(std::uint64_t index) const { return block(index, 0); }
  // Words 0 (low) and 1 (high).
  std::uint64_t bits(std::uint64_t index) const;

  // In [0, 1): the upper 53 bits of bits(index), times 2^-53.
  double uniform01(std::uint64_t index) const;
  // In [low, high) in real numbers: low + (high - low) * uniform01; rounding may give `high` itself.
  double uniform(double low, double high, std::uint64_t index) const;
  // In [0, n), n >= 1, without bias: the high word of bits * n (128 bits); where the low word is below
  // 2^64 mod n the number is drawn again with the next attempt.
  std::uint64_t below(std::uint64_t n, std::uint64_t index) const;
  // Mean 0, variance 1 (Box-Muller): sqrt(-2 ln(1 - u)) cos(2 pi v) with u from words 0 and 1, v from
  // words 2 and 3, each as uniform01 makes it. Its last bit is that of the library's log and cos.
  double normal(std::uint64_t index) const;

 private:
  std::array<std::uint32_t, 4> block(std::uint64_t index, std::uint32_t attempt) const;

  std::uint64_t seed_;
  std::uint32_t stream_;
  std::uint32_t lane_;
};

// 0 .. n-1 in random order, each order equally likely: for i from n-1 down to 1, the element at i is
// exchanged with the one at random.below(i + 1, i). n <= 2^32.
std::vector<std::uint32_t> shuffled(std::size_t n, const Random& random);

}  // namespace coil
