#include "compiler/syntax/recover.hpp"

#include "compiler/syntax/keywords.hpp"

namespace coil {

namespace {

const Keyword* keyword_at(const Token& token) {
  return token.kind == TokenKind::word ? find_keyword(token.text) : nullptr;
}

bool is_before_equals(std::string_view text, const Token& token) {
  return next_token(text, token.where.end).is("=");
}

bool starts_statement_keyword(const Token& token) {
  const Keyword* keyword = keyword_at(token);
  return keyword != nullptr && keyword->starts_statement();
}

bool starts_statement_line(std::string_view text, const Token& token, const Token& before) {
  if (!token.first_on_line || token.kind != TokenKind::word) return false;
  if (starts_statement_keyword(token)) return true;
  const bool in_arguments = before.is("(") || before.is(",") || before.is("[");
  return keyword_at(token) == nullptr && !in_arguments && is_before_equals(text, token);
}

}  // namespace

bool starts_declaration(std::string_view text, const Token& token) {
  const Keyword* keyword = keyword_at(token);
  return keyword != nullptr && keyword->starts_declaration() && !is_before_equals(text, token);
}

bool is_keyword_as_name(std::string_view text, const Token& token) {
  return keyword_at(token) != nullptr && is_before_equals(text, token);
}

std::uint32_t skip_to_statement(std::string_view text, const Token& last) {
  int braces = 0;
  for (Token before = last;;) {
    const Token token = next_token(text, before.where.end);
    if (token.kind == TokenKind::end) return before.where.end;
    if (token.first_on_line && starts_declaration(text, token)) return before.where.end;
    const bool stops = token.is("}") || starts_statement_line(text, token, before);
    if (braces == 0 && stops) return before.where.end;
    if (token.is("{")) ++braces;
    if (token.is("}")) --braces;
    before = token;
  }
}

std::uint32_t skip_to_declaration(std::string_view text, const Token& last) {
  for (Token before = last;;) {
    const Token token = next_token(text, before.where.end);
    const bool stops = token.first_on_line && starts_declaration(text, token);
    if (token.kind == TokenKind::end || stops) return before.where.end;
    before = token;
  }
}

std::uint32_t skip_to_body(std::string_view text, const Token& last, bool& found) {
  for (Token before = last;;) {
    const Token token = next_token(text, before.where.end);
    const bool gone =
        token.kind == TokenKind::end || (token.first_on_line && starts_declaration(text, token));
    const bool in_body = token.is("}") || (token.first_on_line && starts_statement_keyword(token));
    found = !gone;
    if (gone || in_body) return before.where.end;
    if (token.is("{")) return token.where.end;
    before = token;
  }
}

}  // namespace coil
