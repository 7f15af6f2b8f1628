#pragma once

// The ways in which a recurrence can be run. This is the one list of them: commands, benchmarks and tests go through
// lowerings() and take the names from here.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace coil {

enum class Lowering : std::uint8_t {
  unrolled,  // every step its own primitives
};

struct LoweringRow {
  Lowering lowering;
  std::string_view name;
};

inline constexpr std::array lowering_rows = {
    LoweringRow{Lowering::unrolled, "unrolled"},
};

inline std::span<const LoweringRow> lowerings() { return lowering_rows; }

inline std::string_view to_string(Lowering lowering) {
  return std::ranges::find(lowering_rows, lowering, &LoweringRow::lowering)->name;
}

inline std::optional<Lowering> find_lowering(std::string_view name) {
  const auto* row = std::ranges::find(lowering_rows, name, &LoweringRow::name);
  if (row == lowering_rows.end()) return std::nullopt;
  return row->lowering;
}

}  // namespace coil
