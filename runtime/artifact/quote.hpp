#pragma once

#include <cstdint>
#include <fmt/ranges.h>
#include <span>
#include <string>
#include <string_view>

#include "compiler/source/utf8.hpp"

namespace coil {

// Text from a file, in quotes and safe for a message.
inline std::string quote(std::string_view text) { return fmt::format("'{}'", printable(text)); }

// A path at the head of a message.
inline std::string show_path(const std::string& path) { return printable(path, 200); }

// "[2, 3]".
inline std::string show_shape(std::span<const std::int64_t> shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

}  // namespace coil
