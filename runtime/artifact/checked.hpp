#pragma once

// Arithmetic on sizes that a file claims: nothing where the true result does not fit.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

namespace coil {

inline std::optional<std::uint64_t> checked_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

inline std::optional<std::uint64_t> checked_multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// The bytes of `shape` at `width` bytes an element. A zero among the sizes does not excuse an
// overflow among the others, so that the answer does not depend on their order. Sizes are >= 0.
inline std::optional<std::uint64_t> checked_bytes(std::span<const std::int64_t> shape,
                                                  std::uint64_t width) {
  std::optional<std::uint64_t> bytes = width;
  bool empty = false;
  for (const std::int64_t size : shape) {
    empty = empty || size == 0;
    bytes = checked_multiply(*bytes, static_cast<std::uint64_t>(std::max<std::int64_t>(size, 1)));
    if (!bytes) return std::nullopt;
  }
  return empty ? 0 : bytes;
}

}  // namespace coil
