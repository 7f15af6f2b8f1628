#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/source/suggest.hpp"
#include "compiler/source/utf8.hpp"
#include "compiler/syntax/depth_guard.hpp"
#include "compiler/syntax/parser.hpp"
#include "compiler/syntax/syntax_error.hpp"

namespace coil {

namespace {

const Keyword* keyword_of(const Token& token) {
  return token.kind == TokenKind::word ? find_keyword(token.text) : nullptr;
}

// The keywords that start a statement in `place`.
std::vector<std::string> statement_keywords(Place place) {
  std::vector<std::string> words;
  for (const Keyword& keyword : all_keywords()) {
    if (keyword.may_stand_in(place)) words.emplace_back(keyword.word);
  }
  return words;
}

// "a model or a cell"
std::string places_of(const Keyword& keyword) {
  std::string out;
  for (const Place place : {Place::model, Place::cell, Place::step, Place::loop}) {
    if (!keyword.may_stand_in(place)) continue;
    if (!out.empty()) out += " or ";
    out += describe(place);
  }
  return out;
}

std::string not_a_statement(const Token& token, bool follows, Place place) {
  const std::string shown = printable(token.text);
  if (token.is(")") || token.is("]")) return fmt::format("this '{}' closes nothing", shown);
  if (follows) return fmt::format("unexpected '{}' after the end of a statement", shown);
  if (token.kind != TokenKind::word) return fmt::format("expected a statement, found '{}'", shown);
  const auto known = statement_keywords(place);
  const std::string hint = did_you_mean(token.text, known);
  if (!hint.empty()) return fmt::format("unknown statement '{}'{}", shown, hint);
  return fmt::format("unknown statement '{}'; a statement starts with {} or `name =`", shown,
                     fmt::join(known, ", "));
}

}  // namespace

void Parser::block(const Block& block, Statements& into) {
  ++depth_;
  while (!diagnostics_.full()) {
    const Token token = next_token(text_, last_end_);
    if (token.is("}")) {
      close(token, block);
      break;
    }
    if (ends_unclosed(token, block)) break;
    const bool follows = last_end_ != block.begin && !token.first_on_line;
    statement(token, follows, block, into);
  }
  --depth_;
}

void Parser::close(const Token& brace, const Block& block) {
  const bool is_left = brace.first_on_line && column_of(brace) < column_of(block.opener);
  if (is_left && block.opener.first_on_line && !suspect_) {
    suspect_ = Suspect{block.name, block.line, last_end_};
  }
  last_end_ = brace.where.end;
}

// A statement that stands no further in than the block's own keyword, and may not stand in the block, is
// past its end.
bool Parser::ends_unclosed(const Token& token, const Block& block) {
  const Keyword* keyword = keyword_of(token);
  const bool is_misplaced = keyword != nullptr && keyword->starts_statement() &&
                            !keyword->may_stand_in(block.place) && depth_ > 1;
  const bool is_past = is_misplaced && token.first_on_line && block.opener.first_on_line &&
                       column_of(token) <= column_of(block.opener);
  if (!is_past && token.kind != TokenKind::end && !starts_declaration(text_, token)) return false;
  unclosed(block);
  return true;
}

// Of several blocks that end at one place, the innermost is named; or else one that ended in a wrong
// column.
void Parser::unclosed(const Block& block) {
  if (unclosed_at_ == last_end_) return;
  unclosed_at_ = last_end_;
  const Suspect missing = suspect_.value_or(Suspect{block.name, block.line, last_end_});
  suspect_.reset();
  error({missing.end, missing.end},
        fmt::format("expected '}}' to close {} opened at line {}", missing.name, missing.line));
}

void Parser::statement(const Token& token, bool follows, const Block& block, Statements& into) {
  if (refuse(token, block)) return;
  if (token.is("step")) return step(token, block);
  const Keyword* keyword = keyword_of(token);
  const bool fits = keyword == nullptr || keyword->may_stand_in(block.place);
  if (!fits) report_misplaced(*keyword, token, block);
  try {
    Cursor cursor{text_, last_end_};
    ast::Statement node;
    if (!parse_statement(cursor, node)) {
      error(token.where, not_a_statement(token, follows, block.place));
      last_end_ = skip_unknown_statement(text_, token);
      return;
    }
    last_end_ = cursor.at;
    body_of(token, node, block);
    node.where.end = last_end_;
    if (fits) into.push_back(std::move(node));
  } catch (const SyntaxError& mistake) {
    broken_statement(mistake, token, block);
  }
}

// What cannot start a statement, whatever the block. What follows a ';' is most likely fine.
bool Parser::refuse(const Token& token, const Block& block) {
  const Keyword* keyword = keyword_of(token);
  std::string why;
  if (token.is(";")) {
    error(token.where, "statements need no ';': a line end will do");
    last_end_ = token.where.end;
    return true;
  }
  if (keyword == nullptr) return false;
  if (is_keyword_as_name(text_, token)) {
    why = keyword_is_no_name(token.text);
  } else if (token.is("else")) {
    why = "this 'else' follows no 'if'";
  } else if (keyword->role == KeywordRole::inner) {
    why = fmt::format("'{}' cannot start a statement", token.text);
  } else if (token.is("step") && block.cell == nullptr) {
    why =
        block.place == Place::cell
            ? "'step' stands in the cell itself, not in an 'if'"
            : fmt::format("'step' cannot stand in {}; it belongs in a cell", describe(block.place));
  }
  if (why.empty()) return false;
  error(token.where, why);
  last_end_ = skip_to_statement(text_, token);
  return true;
}

void Parser::report_misplaced(const Keyword& keyword, const Token& token, const Block& block) {
  error(token.where, fmt::format("'{}' cannot stand in {}; it belongs in {}", keyword.word,
                                 describe(block.place), places_of(keyword)));
}

// What stands between the braces of a `for` or an `if`, whose header was read; nothing for other
// statements.
void Parser::body_of(const Token& keyword, ast::Statement& statement, const Block& outer) {
  auto* loop = std::get_if<ast::ForStatement>(&statement.node);
  auto* branch = std::get_if<ast::IfStatement>(&statement.node);
  if (loop == nullptr && branch == nullptr) return;
  if (depth_ >= depth_limit) {  // `else if` adds levels that no bracket shows
    error(keyword.where, too_deep(depth_limit));
    last_end_ = unclosed_at_ = static_cast<std::uint32_t>(text_.size());
  } else if (loop != nullptr) {
    block({Place::loop, "the loop", keyword, line_of(keyword), last_end_}, loop->body);
  } else {
    block({outer.place, "the 'if'", keyword, line_of(keyword), last_end_}, branch->then);
    otherwise(keyword, outer, branch->otherwise);
  }
}

// `else { ... }` or `else if ...`, where it follows. `keyword` is that of the `if`.
void Parser::otherwise(const Token& keyword, const Block& outer, Statements& into) {
  const Token word = next_token(text_, last_end_);
  if (!word.is("else")) return;
  last_end_ = word.where.end;
  const Token next = next_token(text_, last_end_);
  const Block block_after{outer.place, "the 'else'", keyword, line_of(word), next.where.end};
  if (next.is("if")) {
    ++depth_;
    statement(next, false, {outer.place, outer.name, keyword, outer.line, outer.begin}, into);
    --depth_;
  } else if (next.is("{")) {
    last_end_ = next.where.end;
    block(block_after, into);
  } else {
    const Token last_good = report({Wanted::else_body, next.where.begin}, word.where.begin);
    if (find_inner_body(last_good, keyword)) block(block_after, into);
  }
}

void Parser::step(const Token& keyword, const Block& outer) {
  ast::Step step;
  bool has_body = true;
  try {
    Cursor cursor{text_, last_end_};
    parse_step_header(cursor, step);
    last_end_ = cursor.at;
  } catch (const SyntaxError& mistake) {
    has_body = find_inner_body(report(mistake, keyword.where.begin), keyword);
  }
  if (has_body) block({Place::step, "the step", keyword, line_of(keyword), last_end_}, step.body);
  step.where = {keyword.where.begin, last_end_};
  if (outer.cell->step) {
    const std::uint32_t first = file().locate(outer.cell->step->where.begin).line;
    error(keyword.where, fmt::format("a cell has one step; the first is at line {}", first));
  } else {
    outer.cell->step = std::move(step);
  }
}

// The statements in a body are read even where the header before it is wrong.
void Parser::broken_statement(const SyntaxError& mistake, const Token& token, const Block& outer) {
  const Token last_good = report(mistake, token.where.begin);
  if (!token.is("for") && !token.is("if")) {
    last_end_ = skip_to_statement(text_, last_good);
    return;
  }
  if (!find_inner_body(last_good, token)) return;
  ast::Statement dropped;
  if (token.is("for")) {
    dropped.node = ast::ForStatement{};
  } else {
    dropped.node = ast::IfStatement{};
  }
  body_of(token, dropped, outer);
}

// Without a '{', statements further in than the header are taken for its body.
bool Parser::find_inner_body(const Token& last_good, const Token& keyword) {
  const SkippedHeader skipped = skip_to_inner_body(text_, last_good);
  last_end_ = skipped.end;
  const Token& next = skipped.next;
  return skipped.found_brace ||
         (next.kind == TokenKind::word && next.first_on_line && !starts_declaration(text_, next) &&
          keyword.first_on_line && column_of(next) > column_of(keyword));
}

}  // namespace coil
