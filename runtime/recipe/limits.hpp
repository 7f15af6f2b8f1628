#pragma once

// What the numbers of a recipe may be, in a file and on the command line alike.

#include <cstdint>

namespace coil {

template <typename Number>
struct Range {
  Number least;
  Number most;

  // Written so that a NaN is outside.
  bool contains(Number number) const { return number >= least && number <= most; }
};

namespace limits {

inline constexpr Range<std::int64_t> batch{1, 1'000'000};
inline constexpr Range<std::int64_t> epochs{1, 1'000'000};
inline constexpr Range<std::int64_t> patience{0, 1'000'000};
inline constexpr Range<std::uint64_t> seed{0, ~std::uint64_t{0}};
inline constexpr Range<double> learning_rate{1e-12, 1e3};
inline constexpr Range<double> momentum{0, 0.9999};
inline constexpr Range<double> clip_norm{0, 1e9};
inline constexpr Range<double> weight_decay{0, 100};
inline constexpr Range<double> validation{0, 0.9};
inline constexpr std::size_t most_phases = 100;

}  // namespace limits
}  // namespace coil
