#include "compiler/syntax/recover.hpp"

#include "compiler/syntax/keywords.hpp"

namespace coil {

namespace {

const Keyword* keyword_at(const Token& token) {
  return token.kind == TokenKind::word ? find_keyword(token.text) : nullptr;
}

bool starts_statement_keyword(const Token& token) {
  const Keyword* keyword = keyword_at(token);
  return keyword != nullptr && keyword->starts_statement();
}

bool starts_statement_line(std::string_view text, const Token& token, const Token& before) {
  if (!token.first_on_line || token.kind != TokenKind::word) return false;
  if (starts_statement_keyword(token)) return true;
  const bool in_arguments = before.is("(") || before.is(",") || before.is("[");
  return keyword_at(token) == nullptr && !in_arguments && starts_assignment(text, token.where.end);
}

// Past `[...]` on one line: the first token behind it. Stops early at what no subscript holds.
Token past_subscript(std::string_view text, Token token) {
  for (int open = 0; token.kind != TokenKind::end;) {
    if (token.is("[")) ++open;
    if (token.is("]")) --open;
    token = next_token(text, token.where.end);
    const bool gone = token.first_on_line || keyword_at(token) != nullptr || token.is("{");
    if (open == 0 || gone) break;
  }
  return token;
}

// A word at the start of a line, where the line before is no part of the same expression.
bool starts_any_line(std::string_view text, const Token& token, const Token& before) {
  const bool goes_on =
      before.kind == TokenKind::symbol && !before.is(")") && !before.is("]") && !before.is("}");
  const bool is_word = token.first_on_line && token.kind == TokenKind::word;
  return starts_statement_line(text, token, before) || (is_word && !goes_on);
}

using IsStart = bool(std::string_view text, const Token& token, const Token& before);

std::uint32_t skip_statement(std::string_view text, const Token& last, IsStart& is_start) {
  int braces = last.is("{") ? 1 : 0;
  for (Token before = last;;) {
    const Token token = next_token(text, before.where.end);
    if (token.kind == TokenKind::end) return before.where.end;
    if (token.first_on_line && starts_declaration(text, token)) return before.where.end;
    const bool stops = token.is("}") || (braces == 0 && is_start(text, token, before));
    if (braces == 0 && stops) return before.where.end;
    if (token.is("{")) ++braces;
    if (token.is("}")) --braces;
    before = token;
  }
}

}  // namespace

bool is_before_equals(std::string_view text, std::uint32_t end) {
  return next_token(text, end).is("=");
}

bool starts_assignment(std::string_view text, std::uint32_t end) {
  if (is_before_equals(text, end)) return true;
  for (;;) {
    Token token = next_token(text, end);
    if (token.is("[") && !token.first_on_line) token = past_subscript(text, token);
    if (token.first_on_line) return false;
    if (token.is("=")) return true;
    const Token name = next_token(text, token.where.end);
    if (!token.is(",") || name.kind != TokenKind::word || name.first_on_line) return false;
    end = name.where.end;
  }
}

bool starts_declaration(std::string_view text, const Token& token) {
  const Keyword* keyword = keyword_at(token);
  return keyword != nullptr && keyword->starts_declaration() &&
         !is_before_equals(text, token.where.end);
}

bool is_keyword_as_name(std::string_view text, const Token& token) {
  return keyword_at(token) != nullptr && is_before_equals(text, token.where.end);
}

std::uint32_t skip_to_statement(std::string_view text, const Token& last) {
  return skip_statement(text, last, starts_statement_line);
}

std::uint32_t skip_unknown_statement(std::string_view text, const Token& first) {
  return skip_statement(text, first, starts_any_line);
}

std::uint32_t skip_to_declaration(std::string_view text, const Token& last) {
  for (Token before = last;;) {
    const Token token = next_token(text, before.where.end);
    const bool stops = token.first_on_line && starts_declaration(text, token);
    if (token.kind == TokenKind::end || stops) return before.where.end;
    before = token;
  }
}

SkippedHeader skip_to_body(std::string_view text, const Token& last) {
  for (Token before = last;;) {
    const Token token = next_token(text, before.where.end);
    const bool in_body = token.is("}") || (token.first_on_line && starts_statement_keyword(token));
    const bool gone =
        token.kind == TokenKind::end || (token.first_on_line && starts_declaration(text, token));
    if (token.is("{")) return {token.where.end, true, {}};
    if (gone || in_body) return {before.where.end, false, token};
    before = token;
  }
}

SkippedHeader skip_to_inner_body(std::string_view text, const Token& last) {
  for (Token before = last;;) {
    const Token token = next_token(text, before.where.end);
    const bool gone =
        token.kind == TokenKind::end || (token.first_on_line && starts_declaration(text, token));
    if (token.is("{")) return {token.where.end, true, {}};
    if (gone || token.is("}") || starts_statement_line(text, token, before))
      return {before.where.end, false, token};
    before = token;
  }
}

}  // namespace coil
