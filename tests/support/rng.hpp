#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace coil::test {

// Choices that follow from a seed alone, on every machine: the standard's distributions are not used,
// since libraries differ in them.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : engine_(seed) {}

  // A whole number in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  // A real in [low, high).
  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1p-53;
  }
  bool chance(double probability) { return uniform(0, 1) < probability; }
  bool coin() { return chance(0.5); }
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(between(0, std::ssize(from) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace coil::test
