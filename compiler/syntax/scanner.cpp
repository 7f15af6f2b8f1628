#include "compiler/syntax/scanner.hpp"

#include <algorithm>

namespace coil {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Past white space and comments; notes whether a line ended on the way.
std::size_t skip_blank(std::string_view text, std::size_t at, bool& line_ended) {
  for (; at < text.size(); ++at) {
    if (text[at] == '#') at = std::min(text.find('\n', at), text.size());
    if (at == text.size() || !is_space(text[at])) break;
    if (text[at] == '\n') line_ended = true;
  }
  return at;
}

std::size_t end_of_word(std::string_view text, std::size_t at) {
  while (at < text.size() && is_word_character(text[at])) ++at;
  return at;
}

// 57, 0.5, 1e-3, and what was not meant so: 57abc, 1.2.3.
std::size_t end_of_number(std::string_view text, std::size_t at) {
  for (;;) {
    at = end_of_word(text, at);
    const bool more = at + 1 < text.size() && is_digit(text[at + 1]);
    const bool after_exponent = text[at - 1] == 'e' || text[at - 1] == 'E';
    const bool is_sign = more && (text[at] == '-' || text[at] == '+') && after_exponent;
    if (!is_sign && !(more && text[at] == '.')) return at;
    ++at;
  }
}

// |>, .., ==, a text in quotes with what is left of it on the line, or one character.
std::size_t end_of_symbol(std::string_view text, std::size_t at) {
  const std::string_view pair = text.substr(at, 2);
  if (pair == "|>" || pair == ".." || pair == "==") return at + 2;
  if (text[at] != '"') return at + 1;
  const std::size_t end = std::min(text.find_first_of("\"#\n", at + 1), text.size());
  return end < text.size() && text[end] == '"' ? end + 1 : end;
}

}  // namespace

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_word_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

Token next_token(std::string_view text, std::uint32_t offset) {
  Token token;
  token.first_on_line = offset == 0;
  const std::size_t begin = skip_blank(text, offset, token.first_on_line);
  std::size_t end = begin;
  if (begin < text.size()) {
    if (is_digit(text[begin])) {
      token.kind = TokenKind::number;
      end = end_of_number(text, begin);
    } else if (is_word_character(text[begin])) {
      token.kind = TokenKind::word;
      end = end_of_word(text, begin);
    } else {
      token.kind = TokenKind::symbol;
      end = end_of_symbol(text, begin);
    }
  }
  token.where = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  token.text = text.substr(begin, end - begin);
  return token;
}

}  // namespace coil
