#include "compiler/syntax/parse.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/source/suggest.hpp"
#include "compiler/source/utf8.hpp"
#include "compiler/syntax/characters.hpp"
#include "compiler/syntax/depth_guard.hpp"
#include "compiler/syntax/parser.hpp"
#include "compiler/syntax/syntax_error.hpp"

namespace coil {

namespace {

std::string not_a_declaration(const Token& token) {
  const std::string shown = printable(token.text);
  const Keyword* keyword = token.kind == TokenKind::word ? find_keyword(token.text) : nullptr;
  if (keyword != nullptr && keyword->starts_statement()) {
    const char* holder = keyword->may_stand_in(Place::model) ? "model" : "cell";
    return fmt::format("'{0}' belongs inside a {1}: `{1} Name {{ ... }}`", shown, holder);
  }
  const auto known = keywords_with(KeywordRole::declaration);
  const std::string hint = token.kind == TokenKind::word && keyword == nullptr
                               ? did_you_mean(token.text, known)
                               : std::string();
  return fmt::format("expected `model Name {{ ... }}`, found '{}'{}", shown, hint);
}

std::string name_of(const char* kind, const ast::Identifier& name) {
  if (name.name.empty()) return fmt::format("the {}", kind);
  return fmt::format("{} '{}'", kind, printable(name.name));
}

}  // namespace

ast::File Parser::run() {
  ast::File result;
  for (;;) {
    const Token token = next_token(text_, last_end_);
    if (token.kind == TokenKind::end || diagnostics_.full()) break;
    declaration(token, result);
  }
  if (last_end_ == 0 && !diagnostics_.has_errors()) {
    diagnostics_.error({}, "no model in this file; a model starts with `model Name { ... }`");
  }
  return result;
}

void Parser::declaration(const Token& token, ast::File& result) {
  suspect_.reset();
  if (token.is("}")) {
    error(token.where, "this '}' closes nothing");
    last_end_ = token.where.end;
  } else if (token.is("import")) {
    import(token, result);
  } else if (token.is("model")) {
    model(token, result);
  } else if (token.is("cell")) {
    cell(token, result);
  } else {
    error(token.where, not_a_declaration(token));
    last_end_ = skip_to_declaration(text_, token);
  }
}

void Parser::import(const Token& keyword, ast::File& result) {
  try {
    Cursor cursor{text_, last_end_};
    ast::Import import;
    parse_import(cursor, import);
    last_end_ = cursor.at;
    result.declarations.emplace_back(std::move(import));
  } catch (const SyntaxError& mistake) {
    last_end_ = skip_to_declaration(text_, report(mistake, keyword.where.begin));
  }
}

template <typename Parse>
bool Parser::declaration_header(const Token& keyword, const Parse& parse) {
  try {
    Cursor cursor{text_, last_end_};
    parse(cursor);
    last_end_ = cursor.at;
    return true;
  } catch (const SyntaxError& mistake) {
    const Token last_good = report(mistake, keyword.where.begin);
    const SkippedHeader skipped = skip_to_body(text_, last_good);
    last_end_ = skipped.end;
    const Token& next = skipped.next;
    return skipped.found_brace || !(next.kind == TokenKind::end || starts_declaration(text_, next));
  }
}

void Parser::model(const Token& keyword, ast::File& result) {
  ast::Model model;
  if (declaration_header(keyword, [&](Cursor& at) { parse_model_header(at, model); })) {
    block({Place::model, name_of("model", model.name), keyword, line_of(keyword), last_end_},
          model.statements);
  }
  model.where = {keyword.where.begin, last_end_};
  if (!model.name.name.empty()) result.declarations.emplace_back(std::move(model));
}

void Parser::cell(const Token& keyword, ast::File& result) {
  ast::Cell cell;
  if (declaration_header(keyword, [&](Cursor& at) { parse_cell_header(at, cell); })) {
    const std::string name = name_of("cell", cell.name);
    const std::uint32_t unclosed_before = unclosed_at_;
    block({Place::cell, name, keyword, line_of(keyword), last_end_, &cell}, cell.statements);
    // Of a cell that breaks off, nobody knows what would have come.
    if (!cell.step && unclosed_at_ == unclosed_before && !diagnostics_.full()) {
      error(cell.name.where.is_somewhere() ? cell.name.where : keyword.where,
            fmt::format("{} has no step; add `step(x) {{ ... yield h }}`", name));
    }
  }
  cell.where = {keyword.where.begin, last_end_};
  if (!cell.name.name.empty()) result.declarations.emplace_back(std::move(cell));
}

Token Parser::report(const SyntaxError& mistake, std::uint32_t begin) {
  Explanation explanation = explain(mistake, file(), text_, begin);
  error(explanation.where, std::move(explanation.message));
  return explanation.last_good;
}

void Parser::error(SourceRange where, std::string message) {
  const auto line = file().locate(where.begin).line;
  const auto first = diagnostics_.all().begin();
  const bool blamed = std::any_of(first, first + reported_, [&](const Diagnostic& known) {
    return file().locate(known.where.begin).line == line;
  });
  if (!blamed) diagnostics_.error(where, std::move(message));
}

std::uint32_t Parser::line_of(const Token& token) const {
  return file().locate(token.where.begin).line;
}

std::uint32_t Parser::column_of(const Token& token) const {
  return file().locate(token.where.begin).column;
}

ast::File parse(const SourceFile& file, Diagnostics& diagnostics) {
  const auto text = check_characters(file, diagnostics);
  if (!text || diagnostics.full() || !check_depth(*text, diagnostics)) return {};
  return Parser(*text, diagnostics).run();
}

}  // namespace coil
