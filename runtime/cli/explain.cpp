#include "runtime/cli/explain.hpp"

#include <fmt/format.h>

#include "compiler/source/utf8.hpp"

#include "runtime/cli/at_place.hpp"

namespace coil::cli {

std::string explain(const Remarks& remarks, const std::string& pass, const std::string& path,
                    const std::optional<SourceFile>& text) {
  const std::string name = printable(path, 200);
  const auto told = remarks.of(pass);
  if (told.empty()) return fmt::format("{}: {} has nothing to explain\n", name, pass);
  std::string out;
  for (const Remark& remark : told) out += at_place(path, text, remark.place, remark.message);
  if (remarks.full(pass))
    out += fmt::format("{}: these are the first {}; further remarks are not shown\n", name,
                       told.size());
  return out;
}

}  // namespace coil::cli
