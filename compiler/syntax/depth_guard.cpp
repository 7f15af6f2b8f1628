#include "compiler/syntax/depth_guard.hpp"

#include <fmt/format.h>
#include <vector>

#include "compiler/syntax/keywords.hpp"
#include "compiler/syntax/recover.hpp"
#include "compiler/syntax/scanner.hpp"

namespace coil {

namespace {

// How deep the grammar stands after each token, without a grammar. What ends every open expression (a
// keyword, a brace) sets the count of brackets back: the parser gives up there too.
class Depth {
 public:
  explicit Depth(std::string_view text) : text_(text) {}

  int after(const Token& token) {
    if (token.kind == TokenKind::word && find_keyword(token.text) != nullptr) {
      leave_expression();
      if (starts_declaration(text_, token)) braces_ = 0;
    } else if (token.kind == TokenKind::symbol) {
      after_symbol(token.text[0]);
    } else if (after_operand_) {
      signs_ = 0;  // two operands in a row: a new statement
    }
    after_operand_ = token.kind != TokenKind::symbol || token.text == ")" || token.text == "]";
    return braces_ + levels_ + signs_;
  }

 private:
  void after_symbol(char symbol) {
    switch (symbol) {
      case '(':
      case '[':
        open_bracket();
        break;
      case ')':
      case ']':
        close_bracket();
        break;
      case '{':
        leave_expression();
        ++braces_;
        break;
      case '}':
        leave_expression();
        if (braces_ > 0) --braces_;
        break;
      case '-':
        signs_ = after_operand_ ? 0 : signs_ + 1;
        break;
      default:
        signs_ = 0;
        break;
    }
  }

  // The signs before a bracket stay open as long as the bracket.
  void open_bracket() {
    outer_signs_.push_back(signs_);
    levels_ += signs_ + 1;
    signs_ = 0;
  }

  void close_bracket() {
    if (outer_signs_.empty()) return;
    signs_ = outer_signs_.back();
    levels_ -= signs_ + 1;
    outer_signs_.pop_back();
  }

  void leave_expression() {
    outer_signs_.clear();
    levels_ = 0;
    signs_ = 0;
  }

  std::string_view text_;
  std::vector<int> outer_signs_;  // of each open bracket
  int levels_ = 0;                // open brackets and the signs before them
  int signs_ = 0;                 // in the innermost bracket, not yet ended
  int braces_ = 0;
  bool after_operand_ = false;
};

}  // namespace

std::string too_deep(int limit) {
  return fmt::format("this is nested more than {} levels deep; give a part of it a name of its own",
                     limit);
}

bool check_depth(std::string_view text, Diagnostics& diagnostics, int limit) {
  Depth depth(text);
  for (Token token = next_token(text, 0); token.kind != TokenKind::end;
       token = next_token(text, token.where.end)) {
    if (depth.after(token) <= limit) continue;
    diagnostics.error(token.where, too_deep(limit));
    return false;
  }
  return true;
}

}  // namespace coil
