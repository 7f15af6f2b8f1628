#pragma once

#include <string_view>

namespace coil {

// What becomes of a character that the vocabulary lacks.
struct UnknownPolicy {
  enum class Kind { error, skip, replace };
  Kind kind = Kind::error;
  char32_t replacement = 0;  // for Kind::replace

  bool operator==(const UnknownPolicy&) const = default;
};

// The value of --unknown: "error", "skip" or "replace:<c>" with one character <c>. RunError (usage)
// otherwise.
UnknownPolicy parse_unknown_policy(std::string_view text);

}  // namespace coil
