#include "compiler/syntax/parse.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/source/suggest.hpp"
#include "compiler/source/utf8.hpp"
#include "compiler/syntax/characters.hpp"
#include "compiler/syntax/depth_guard.hpp"
#include "compiler/syntax/grammar.hpp"
#include "compiler/syntax/keywords.hpp"
#include "compiler/syntax/recover.hpp"
#include "compiler/syntax/scanner.hpp"
#include "compiler/syntax/syntax_error.hpp"

namespace coil {

namespace {

// Reads declarations and statements one by one through the grammar, and goes on after mistakes. Every
// step takes at least one token, so that parsing ends, and takes none twice.
class Parser {
 public:
  // `text` is the file's text with its foreign characters, already reported, replaced.
  Parser(std::string_view text, Diagnostics& diagnostics)
      : text_(text), diagnostics_(diagnostics), reported_(diagnostics.all().size()) {}

  ast::File run() {
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

 private:
  void declaration(const Token& token, ast::File& result) {
    if (token.is("}")) {
      error(token.where, "this '}' closes nothing");
      last_end_ = token.where.end;
    } else if (token.is("model")) {
      model(token, result);
    } else {
      error(token.where, not_a_declaration(token));
      last_end_ = skip_to_declaration(text_, token);
    }
  }

  static std::string not_a_declaration(const Token& token) {
    const std::string shown = printable(token.text);
    const Keyword* keyword = token.kind == TokenKind::word ? find_keyword(token.text) : nullptr;
    if (keyword != nullptr && keyword->role == KeywordRole::later_declaration)
      return later(*keyword);
    if (keyword != nullptr) {
      return fmt::format("'{}' belongs inside a model: `model Name {{ ... }}`", shown);
    }
    const auto known = keywords_with(KeywordRole::declaration);
    const std::string hint =
        token.kind == TokenKind::word ? did_you_mean(token.text, known) : std::string();
    return fmt::format("expected `model Name {{ ... }}`, found '{}'{}", shown, hint);
  }

  static std::string later(const Keyword& keyword) {
    return fmt::format("'{}': this version of Coil has no {} yet", keyword.word, keyword.later);
  }

  void model(const Token& keyword, ast::File& result) {
    ast::Model model;
    bool has_body = true;
    try {
      Cursor cursor{text_, last_end_};
      parse_model_header(cursor, model);
      last_end_ = cursor.at;
    } catch (const SyntaxError& mistake) {
      const Token last_good = report(mistake, keyword.where.begin);
      last_end_ = skip_to_body(text_, last_good, has_body);
    }
    if (has_body) body(keyword, model);
    model.where = {keyword.where.begin, last_end_};
    if (!model.name.name.empty()) result.declarations.emplace_back(std::move(model));
  }

  void body(const Token& keyword, ast::Model& model) {
    for (std::uint32_t begin = last_end_; !diagnostics_.full();) {
      const Token token = next_token(text_, last_end_);
      if (token.is("}")) {
        last_end_ = token.where.end;
        return;
      }
      if (token.kind == TokenKind::end || starts_declaration(text_, token)) {
        unclosed(keyword, model);
        return;
      }
      const bool follows = last_end_ != begin && !token.first_on_line;
      statement(token, follows, model);
    }
  }

  void unclosed(const Token& keyword, const ast::Model& model) {
    const std::string name = model.name.name.empty()
                                 ? "the model"
                                 : fmt::format("model '{}'", printable(model.name.name));
    error({last_end_, last_end_}, fmt::format("expected '}}' to close {} opened at line {}", name,
                                              file().locate(keyword.where.begin).line));
  }

  // `follows`: on the same line as the statement before.
  void statement(const Token& token, bool follows, ast::Model& model) {
    if (token.is(";")) {  // what follows it is most likely fine
      error(token.where, "statements need no ';': a line end will do");
      last_end_ = token.where.end;
      return;
    }
    if (const std::string refusal = refuse_keyword(token); !refusal.empty()) {
      error(token.where, refusal);
      last_end_ = skip_to_statement(text_, token);
      return;
    }
    try {
      Cursor cursor{text_, last_end_};
      ast::Statement node;
      if (parse_statement(cursor, node)) {
        last_end_ = cursor.at;
        model.statements.push_back(std::move(node));
      } else {
        error(token.where, not_a_statement(token, follows));
        last_end_ = skip_to_statement(text_, token);
      }
    } catch (const SyntaxError& mistake) {
      last_end_ = skip_to_statement(text_, report(mistake, token.where.begin));
    }
  }

  // Why a keyword cannot stand here; empty for those that can, and for what is no keyword.
  std::string refuse_keyword(const Token& token) const {
    const Keyword* keyword = token.kind == TokenKind::word ? find_keyword(token.text) : nullptr;
    if (keyword == nullptr) return {};
    if (is_keyword_as_name(text_, token)) return keyword_is_no_name(token.text);
    if (keyword->role == KeywordRole::later_statement) return later(*keyword);
    if (keyword->role != KeywordRole::reserved) return {};
    return fmt::format("'{}' is kept for a later version and cannot start a statement", token.text);
  }

  static std::string not_a_statement(const Token& token, bool follows) {
    const std::string shown = printable(token.text);
    if (token.is(")") || token.is("]")) return fmt::format("this '{}' closes nothing", shown);
    if (follows) return fmt::format("unexpected '{}' after the end of a statement", shown);
    if (token.kind != TokenKind::word)
      return fmt::format("expected a statement, found '{}'", shown);
    const auto known = keywords_with(KeywordRole::statement);
    const std::string hint = did_you_mean(token.text, known);
    return fmt::format(
        "unknown statement '{}'{}", shown,
        hint.empty() ? "; a statement starts with input, layer, output or `name =`" : hint);
  }

  // Returns the last token that fitted.
  Token report(const SyntaxError& mistake, std::uint32_t begin) {
    Explanation explanation = explain(mistake, file(), text_, begin);
    error(explanation.where, std::move(explanation.message));
    return explanation.last_good;
  }

  // A line with a foreign character is to blame for that alone: what the parser makes of it is a guess.
  void error(SourceRange where, std::string message) {
    const auto line = file().locate(where.begin).line;
    const auto first = diagnostics_.all().begin();
    const bool blamed = std::any_of(first, first + reported_, [&](const Diagnostic& known) {
      return file().locate(known.where.begin).line == line;
    });
    if (!blamed) diagnostics_.error(where, std::move(message));
  }

  const SourceFile& file() const { return diagnostics_.file(); }

  std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t reported_;        // diagnostics that were there before parsing
  std::uint32_t last_end_ = 0;  // the end of the last token dealt with
};

}  // namespace

ast::File parse(const SourceFile& file, Diagnostics& diagnostics) {
  const auto text = check_characters(file, diagnostics);
  if (!text || diagnostics.full() || !check_depth(*text, diagnostics)) return {};
  return Parser(*text, diagnostics).run();
}

}  // namespace coil
