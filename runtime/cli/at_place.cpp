#include "runtime/cli/at_place.hpp"

#include <fmt/format.h>

#include "compiler/source/excerpt.hpp"
#include "compiler/source/utf8.hpp"

namespace coil::cli {

std::string at_place(const std::string& path, const std::optional<SourceFile>& text, Place place,
                     const std::string& message) {
  if (text) return located(*text, {place.line, place.column}, message);
  const std::string name = printable(path, 200);
  if (place.line == 0) return fmt::format("{}: {}\n", name, message);
  return fmt::format("{} (at {}:{} of its text): {}\n", name, place.line, place.column, message);
}

}  // namespace coil::cli
