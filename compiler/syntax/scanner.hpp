#pragma once

// Tokens, for what needs no grammar: the depth guard, the recovery after a mistake, and the wording of
// messages. The grammar reads characters itself and agrees with this on where tokens end.

#include <cstdint>
#include <string_view>

#include "compiler/source/source_file.hpp"

namespace coil {

// Names, digits and what may stand behind the first digit of a number.
bool is_word_character(char c);
bool is_digit(char c);

enum class TokenKind {
  word,    // a name or a keyword
  number,  // whatever starts with a digit, well-formed or not
  symbol,  // one character, or one of |> .. == "text"; a text ends with its line at the latest
  end,     // the end of the text: an empty range
};

struct Token {
  TokenKind kind = TokenKind::end;
  SourceRange where;
  std::string_view text;
  bool first_on_line = false;  // a line end, or the start of the text, stands before it

  bool is(std::string_view what) const { return kind != TokenKind::end && text == what; }
};

// The first token at or after `offset`, past white space and comments. `first_on_line` looks back no
// further than `offset`, so give the end of the token before.
Token next_token(std::string_view text, std::uint32_t offset);

}  // namespace coil
