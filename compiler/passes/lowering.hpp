#pragma once

// The ways in which a recurrence can be run. This is the one list of them: the pipeline, commands, benchmarks and
// tests go through lowerings() and take the names from here.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace coil {

enum class Lowering : std::uint8_t {
  unrolled,  // every step its own primitives, each computed when its step comes, as the text has it: the baseline
  hoisted,  // what does not wait for the step before is computed for all steps at once, or looked up in a table
  native,  // cells that oneDNN has as one primitive run as that; all other recurrences as hoisted
};

struct LoweringRow {
  Lowering lowering;
  std::string_view name;
};

inline constexpr std::array lowering_rows = {
    LoweringRow{Lowering::unrolled, "unrolled"},
    LoweringRow{Lowering::hoisted, "hoisted"},
    LoweringRow{Lowering::native, "native"},
};

inline std::span<const LoweringRow> lowerings() { return lowering_rows; }

inline std::string_view to_string(Lowering lowering) {
  return std::ranges::find(lowering_rows, lowering, &LoweringRow::lowering)->name;
}

// Where none is named the fastest is taken: "auto".
inline std::string_view to_string(const std::optional<Lowering>& lowering) {
  return lowering ? to_string(*lowering) : "auto";
}

inline std::optional<Lowering> find_lowering(std::string_view name) {
  const auto* row = std::ranges::find(lowering_rows, name, &LoweringRow::name);
  if (row == lowering_rows.end()) return std::nullopt;
  return row->lowering;
}

// Some of them.
class Lowerings {
 public:
  template <typename... Some>
  constexpr explicit Lowerings(Some... some) : bits_((bit(some) | ... | 0u)) {}
  static constexpr Lowerings all() {
    return Lowerings(Lowering::unrolled, Lowering::hoisted, Lowering::native);
  }
  constexpr bool contains(Lowering lowering) const { return (bits_ & bit(lowering)) != 0; }

 private:
  static constexpr unsigned bit(Lowering lowering) { return 1u << static_cast<unsigned>(lowering); }
  unsigned bits_;
};

}  // namespace coil
