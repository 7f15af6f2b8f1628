#include "compiler/syntax/syntax_error.hpp"

#include <fmt/format.h>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/suggest.hpp"
#include "compiler/source/utf8.hpp"
#include "compiler/syntax/keywords.hpp"

namespace coil {

std::string keyword_is_no_name(std::string_view keyword) {
  return fmt::format("'{}' is a keyword and cannot be a name", keyword);
}

namespace {

bool is_keyword(const Token& token) {
  return token.kind == TokenKind::word && find_keyword(token.text) != nullptr;
}

// The two tokens around a mistake.
struct Neighbours {
  Token before;
  Token after;
  bool on_one_line() const { return after.kind != TokenKind::end && !after.first_on_line; }
};

Neighbours find_neighbours(std::string_view text, std::uint32_t begin, std::uint32_t where) {
  Neighbours pair{{}, next_token(text, begin)};
  while (pair.after.kind != TokenKind::end && pair.after.where.end <= where) {
    pair.before = pair.after;
    pair.after = next_token(text, pair.before.where.end);
  }
  require(pair.before.kind != TokenKind::end, "a syntax error must come after a token that fits");
  return pair;
}

std::string after(const Token& token) { return fmt::format(" after '{}'", printable(token.text)); }

std::string explain_type(const Neighbours& at) {
  if (!at.on_one_line() || at.after.kind != TokenKind::word) {
    return "expected a type, index(...) or real[...]," + after(at.before);
  }
  const std::vector<std::string> types{"index", "real"};
  const std::string hint = did_you_mean(at.after.text, types);
  return fmt::format("unknown type '{}'{}", printable(at.after.text),
                     hint.empty() ? "; a type is index(...) or real[...]" : hint);
}

std::string explain_closing(const SyntaxError& error, const Neighbours& at,
                            const SourceFile& file) {
  const char opener = file.text()[error.opener];
  const char closer = opener == '(' ? ')' : ']';
  const bool just_opened = at.before.where.begin == error.opener && at.on_one_line();
  if (just_opened && is_keyword(at.after)) return keyword_is_no_name(at.after.text);
  if (just_opened) return fmt::format("expected an expression or '{}'{}", closer, after(at.before));
  const LineColumn place = file.locate(error.opener);
  return fmt::format("expected '{}' to close the '{}' opened at {}:{}", closer, opener, place.line,
                     place.column);
}

std::string describe(const SyntaxError& error, const Neighbours& at, const SourceFile& file) {
  switch (error.wanted) {
    case Wanted::name:
      return "expected a name" + after(at.before);
    case Wanted::expression:
      return "expected an expression" + after(at.before);
    case Wanted::parameter:
      return "expected a parameter like `hidden = 256`" + after(at.before);
    case Wanted::stage:
      return "expected the name of a layer or a function" + after(at.before);
    case Wanted::type:
      return explain_type(at);
    case Wanted::equals:
      return "expected '='" + after(at.before);
    case Wanted::colon:
      return "expected ',' or ':'" + after(at.before);
    case Wanted::opening_parenthesis:
      return "expected '('" + after(at.before);
    case Wanted::opening_bracket:
      return "expected '['" + after(at.before);
    case Wanted::closing_bracket:
      return explain_closing(error, at, file);
    case Wanted::opening_brace:
      return "expected '{' to open the body of the model" + after(at.before);
    case Wanted::layer_maker:
      return fmt::format("expected a layer with its arguments, like `dense(64)`,{}",
                         after(at.before));
    case Wanted::well_formed_number:
      return fmt::format("malformed number '{}'", printable(at.after.text));
    case Wanted::number_in_range:
      return fmt::format("the number {} does not fit a 64-bit real", printable(at.after.text));
  }
  return {};
}

bool wants_name(Wanted wanted) {
  return wanted == Wanted::name || wanted == Wanted::expression || wanted == Wanted::parameter ||
         wanted == Wanted::layer_maker || wanted == Wanted::stage;
}

}  // namespace

Explanation explain(const SyntaxError& error, const SourceFile& file, std::string_view text,
                    std::uint32_t begin) {
  const Neighbours at = find_neighbours(text, begin, error.where);
  Explanation result{at.after.where, {}, at.before};
  if (!at.on_one_line()) result.where = {at.before.where.end, at.before.where.end};
  const bool is_number =
      error.wanted == Wanted::well_formed_number || error.wanted == Wanted::number_in_range;
  if (is_number) result.where = at.after.where;
  const bool took_keyword = wants_name(error.wanted) && at.on_one_line() && is_keyword(at.after);
  result.message = took_keyword ? keyword_is_no_name(at.after.text) : describe(error, at, file);
  return result;
}

}  // namespace coil
