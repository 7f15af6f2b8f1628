#pragma once

#include <string>

#include "compiler/source/source_file.hpp"
#include "compiler/syntax/grammar.hpp"
#include "compiler/syntax/scanner.hpp"

namespace coil {

// A SyntaxError in a person's words.
struct Explanation {
  SourceRange
      where;  // the token that does not fit; where that stands on a later line, the place just
              // past the last token that did
  std::string message;
  Token last_good;  // the last token that did fit
};

// `text` is what was parsed, `begin` the start of the construct that failed.
Explanation explain(const SyntaxError& error, const SourceFile& file, std::string_view text,
                    std::uint32_t begin);

// "'for' is a keyword and cannot be a name"
std::string keyword_is_no_name(std::string_view keyword);

}  // namespace coil
