#pragma once

#include <fmt/format.h>
#include <string>

namespace coil::comparing {

// "1 step", "2 steps".
inline std::string plural(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace coil::comparing
