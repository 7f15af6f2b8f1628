#include "runtime/text/unknown_policy.hpp"

#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

namespace coil {

UnknownPolicy parse_unknown_policy(std::string_view text) {
  using Kind = UnknownPolicy::Kind;
  constexpr std::string_view replace = "replace:";
  if (text == "error") return {Kind::error, 0};
  if (text == "skip") return {Kind::skip, 0};
  if (text.starts_with(replace)) {
    std::size_t at = replace.size();
    const auto replacement = decode_utf8(text, at);
    if (replacement && at == text.size()) return {Kind::replace, *replacement};
    fail(ExitCode::usage, "--unknown={}: 'replace:' takes exactly one character, as in replace:?",
         printable(text));
  }
  fail(ExitCode::usage, "--unknown={}: expected error, skip or replace:<c>", printable(text));
}

}  // namespace coil
