#pragma once

// Part of format.cpp and format_layout.cpp: a file's tokens with the comments between them.

#include <string_view>
#include <vector>

#include "compiler/syntax/scanner.hpp"

namespace coil {

struct Comment {
  std::string_view text;      // from '#' on, without blanks at its end
  bool own_line = false;      // nothing but blanks before it
  bool blank_before = false;  // an empty line
};

struct FormatToken {
  Token token;
  std::vector<Comment> comments;  // between the token before and this one
  bool blank_before = false;      // an empty line, after the last of them
  std::size_t match = 0;          // of a bracket: the index of its partner
  bool is_sign = false;           // a minus with one operand
  bool in_brackets = false;

  bool is(std::string_view text) const { return token.is(text); }
};

// All tokens of a file without mistakes, and last the end with the comments before it.
std::vector<FormatToken> read_format_tokens(std::string_view text);

// Whether two neighbours on one line have a space between them.
bool spaced(const FormatToken& left, const FormatToken& right);

}  // namespace coil
