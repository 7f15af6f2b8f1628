#pragma once

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <hwy/highway.h>
#include <limits>
#include <omp.h>
#include <random>
#include <rapidcheck.h>
#include <string>
#include <vector>

namespace coil::kernels::test {

using Index = std::int64_t;

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kSmallestNormal = std::numeric_limits<float>::min();

// Floats between two stretches of canaries, `shift` floats away from a 64-byte border.
class Guarded {
 public:
  explicit Guarded(Index size, Index shift = 1)
      : size_(size),
        start_(kMargin + shift),
        all_(static_cast<std::size_t>(size + 2 * kMargin + 16), canary()) {
    while (reinterpret_cast<std::uintptr_t>(data() - shift) % 64 != 0) ++start_;
  }
  Guarded(const std::vector<float>& values, Index shift = 1) : Guarded(std::ssize(values), shift) {
    std::copy(values.begin(), values.end(), data());
  }
  Guarded(const Guarded&) = delete;  // a copy would lose the alignment
  Guarded& operator=(const Guarded&) = delete;

  float* data() { return all_.data() + start_; }
  std::vector<float> values() const {
    return {all_.begin() + start_, all_.begin() + start_ + size_};
  }
  bool intact() const {
    for (Index i = 0; i < std::ssize(all_); ++i) {
      const bool inside = i >= start_ && i < start_ + size_;
      if (!inside && bits(all_[static_cast<std::size_t>(i)]) != bits(canary())) return false;
    }
    return true;
  }

 private:
  static constexpr Index kMargin = 48;  // more than the 16 lanes of the widest vector
  static float canary() { return std::bit_cast<float>(0x7fc0dead); }
  static std::uint32_t bits(float x) { return std::bit_cast<std::uint32_t>(x); }

  Index size_;
  Index start_;
  std::vector<float> all_;
};

// Equal bit for bit, NaN included.
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) return false;
  }
  return true;
}

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}

  std::vector<float> normal(Index size, float deviation = 1.0f) {
    std::normal_distribution<float> draw(0.0f, deviation);
    std::vector<float> values(static_cast<std::size_t>(size));
    for (float& value : values) value = draw(engine_);
    return values;
  }
  std::vector<float> uniform(Index size, float low, float high) {
    std::uniform_real_distribution<float> draw(low, high);
    std::vector<float> values(static_cast<std::size_t>(size));
    for (float& value : values) value = draw(engine_);
    return values;
  }
  std::vector<std::int32_t> indices(Index size, Index rows) {
    std::uniform_int_distribution<std::int32_t> draw(0, static_cast<std::int32_t>(rows - 1));
    std::vector<std::int32_t> values(static_cast<std::size_t>(size));
    for (std::int32_t& value : values) value = draw(engine_);
    return values;
  }

 private:
  std::mt19937 engine_;
};

// |actual - expected| <= relative * |expected| + absolute. Two NaN agree, and two equal infinities.
inline bool near(float actual, double expected, double relative, double absolute = 0) {
  if (std::isnan(expected)) return std::isnan(actual);
  if (std::isinf(expected)) return static_cast<double>(actual) == expected;
  return std::abs(static_cast<double>(actual) - expected) <=
         relative * std::abs(expected) + absolute;
}

// The first position where the two differ by more than that, told in words; "" where none does.
inline std::string difference(const std::vector<float>& actual, const std::vector<double>& expected,
                              double relative, double absolute = 0) {
  if (actual.size() != expected.size()) return "sizes differ";
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (!near(actual[i], expected[i], relative, absolute)) {
      return "at " + std::to_string(i) + ": " + std::to_string(actual[i]) + " where " +
             std::to_string(expected[i]) + " is due";
    }
  }
  return "";
}

// Runs `body` once with each instruction set that the kernels have and this processor knows.
template <typename Body>
void for_each_target(const Body& body) {
  const std::int64_t known = hwy::SupportedTargets();
  for (const std::int64_t target : {HWY_SSE4, HWY_AVX2, HWY_AVX3}) {
    if ((known & target) == 0) continue;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    INFO("instruction set " << hwy::TargetName(target));
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

// What `compute` (a vector of floats) gives with 1, 2 and 3 threads is the same, bit for bit.
template <typename Compute>
bool same_at_any_thread_count(const Compute& compute) {
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  const std::vector<float> one = compute();
  bool same = !one.empty();
  for (const int threads : {2, 3}) {
    omp_set_num_threads(threads);
    same = same && same_bits(compute(), one);
  }
  omp_set_num_threads(before);
  return same;
}

// A shape and a seed for a property.
struct Case {
  Index rows;
  Index columns;
  Index shift;
  std::uint32_t seed;
};

inline Case any_case() {
  return {*rc::gen::inRange<Index>(1, 71), *rc::gen::inRange<Index>(1, 71),
          *rc::gen::inRange<Index>(0, 16), *rc::gen::arbitrary<std::uint32_t>()};
}

}  // namespace coil::kernels::test
