#pragma once

// What products are computed in. Weights, memories, losses, norms and optimizers are reals in every precision, and so
// are the sums of products.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace coil {

enum class Precision : std::uint8_t {
  f32,   // reals as they are
  bf16,  // both sides rounded to eight significant bits (to_bf16)
  int8,  // by weights, in inference: both sides whole numbers of seven bits and a scale (to_int8)
};

struct PrecisionRow {
  Precision precision;
  std::string_view name;
};

inline constexpr std::array precision_rows = {
    PrecisionRow{Precision::f32, "f32"},
    PrecisionRow{Precision::bf16, "bf16"},
    PrecisionRow{Precision::int8, "int8"},
};

inline std::span<const PrecisionRow> precisions() { return precision_rows; }

// int8 has no steps small enough to learn by.
constexpr bool is_for_training(Precision precision) { return precision != Precision::int8; }

inline std::string_view to_string(Precision precision) {
  return std::ranges::find(precision_rows, precision, &PrecisionRow::precision)->name;
}

inline std::optional<Precision> find_precision(std::string_view name) {
  const auto* row = std::ranges::find(precision_rows, name, &PrecisionRow::name);
  if (row == precision_rows.end()) return std::nullopt;
  return row->precision;
}

}  // namespace coil
