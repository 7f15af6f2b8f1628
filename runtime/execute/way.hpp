#pragma once

// How a program is run: by a lowering, and with all rows of a batch together or apart.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/passes/lowering.hpp"

namespace coil {

enum class Rows : std::uint8_t {
  together,  // all threads work on each step, and wait for one another between two
  apart,     // each thread goes through all steps with rows of its own: nobody waits until the end
};
inline constexpr Rows all_rows[] = {Rows::together, Rows::apart};

inline std::string_view to_string(Rows rows) { return rows == Rows::apart ? "apart" : "together"; }

inline std::optional<Rows> find_rows(std::string_view name) {
  for (const Rows rows : all_rows)
    if (to_string(rows) == name) return rows;
  return std::nullopt;
}

struct Way {
  Lowering lowering = Lowering::hoisted;
  Rows rows = Rows::together;
  bool operator==(const Way&) const = default;
};

// "hoisted", or "hoisted by rows".
inline std::string to_string(Way way) {
  return std::string(to_string(way.lowering)) + (way.rows == Rows::apart ? " by rows" : "");
}

inline std::optional<Way> find_way(std::string_view name) {
  constexpr std::string_view by_rows = " by rows";
  const bool apart = name.ends_with(by_rows);
  if (apart) name.remove_suffix(by_rows.size());
  const auto lowering = find_lowering(name);
  if (!lowering) return std::nullopt;
  return Way{*lowering, apart ? Rows::apart : Rows::together};
}

}  // namespace coil
