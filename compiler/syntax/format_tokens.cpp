#include "compiler/syntax/format_tokens.hpp"

#include <algorithm>

#include "compiler/syntax/keywords.hpp"

namespace coil {

namespace {

bool is_keyword(const FormatToken& token) {
  return token.token.kind == TokenKind::word && find_keyword(token.token.text) != nullptr;
}

bool ends_operand(const FormatToken& token) {
  if (is_keyword(token)) return false;
  return token.token.kind != TokenKind::symbol || token.is(")") || token.is("]");
}

bool opens(const FormatToken& token) { return token.is("(") || token.is("["); }
bool closes(const FormatToken& token) { return token.is(")") || token.is("]"); }

// Reads the blanks and comments in [begin, end) of the text.
class Gap {
 public:
  Gap(std::string_view text, FormatToken& token, bool starts_file)
      : text_(text), token_(token), line_ends_(starts_file ? 1 : 0), is_first_(starts_file) {}

  void read(std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end; ++at) {
      if (text_[at] == '\n') ++line_ends_;
      if (text_[at] != '#') continue;
      const std::size_t stop = std::min(text_.find('\n', at), end);
      comment(text_.substr(at, stop - at));
      at = stop - 1;
    }
    token_.blank_before = is_blank();
  }

 private:
  bool is_blank() const { return line_ends_ > 1 && !is_first_; }

  void comment(std::string_view text) {
    text = text.substr(0, text.find_last_not_of(" \t\r") + 1);
    token_.comments.push_back({text, line_ends_ > 0, is_blank()});
    line_ends_ = 0;
    is_first_ = false;
  }

  std::string_view text_;
  FormatToken& token_;
  int line_ends_;  // since the last token or comment
  bool is_first_;  // nothing in the file before
};

void match_brackets(std::vector<FormatToken>& tokens) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    FormatToken& token = tokens[i];
    token.is_sign = token.is("-") && (i == 0 || !ends_operand(tokens[i - 1]));
    if (closes(token) && !open.empty()) {
      token.match = open.back();
      tokens[open.back()].match = i;
      open.pop_back();
    }
    token.in_brackets = !open.empty();
    if (opens(token)) open.push_back(i);
  }
}

}  // namespace

std::vector<FormatToken> read_format_tokens(std::string_view text) {
  std::vector<FormatToken> tokens;
  for (std::uint32_t end = 0;;) {
    FormatToken next;
    next.token = next_token(text, end);
    Gap(text, next, end == 0).read(end, next.token.where.begin);
    end = next.token.where.end;
    tokens.push_back(std::move(next));
    if (tokens.back().token.kind == TokenKind::end) break;
  }
  match_brackets(tokens);
  return tokens;
}

bool spaced(const FormatToken& left, const FormatToken& right) {
  if (opens(left) || closes(right) || right.is(",")) return false;
  if (right.is(":")) return left.is(",");
  if (left.is(":")) return !left.in_brackets;
  if (left.is("..") || right.is("..") || left.is_sign) return false;
  if (right.is("[")) return !ends_operand(left);
  if (right.is("(")) return !ends_operand(left) && !left.is("step");
  return true;
}

}  // namespace coil
