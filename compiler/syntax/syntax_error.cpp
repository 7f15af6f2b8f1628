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
  if (closer == ']' && at.on_one_line() && at.after.is("..")) {
    return "a range in a subscript is written with ':', as in `x[0:n]`";
  }
  const LineColumn place = file.locate(error.opener);
  return fmt::format("expected '{}' to close the '{}' opened at {}:{}", closer, opener, place.line,
                     place.column);
}

std::string explain_branch(const Neighbours& at) {
  if (at.on_one_line() && at.after.is("=")) return "two names are compared with '=='";
  return fmt::format("expected '{{' or `== name`{}", after(at.before));
}

std::string opening_brace(const char* what, const Neighbours& at) {
  return fmt::format("expected '{{' to open the body of the {}{}", what, after(at.before));
}

// What should have stood there, for those that need no more said; else empty.
std::string_view expected(Wanted wanted) {
  switch (wanted) {
    case Wanted::name:
      return "expected a name";
    case Wanted::expression:
      return "expected an expression";
    case Wanted::parameter:
      return "expected a parameter like `hidden = 256`";
    case Wanted::cell_parameter:
      return "expected a parameter like `units` or `units = 64`";
    case Wanted::stage:
      return "expected the name of a layer or a function";
    case Wanted::equals:
      return "expected '='";
    case Wanted::colon:
      return "expected ':'";
    case Wanted::colon_after_names:
      return "expected ',' or ':'";
    case Wanted::opening_parenthesis:
      return "expected '('";
    case Wanted::opening_bracket:
      return "expected '['";
    case Wanted::subscript:
      return "expected an index like `t` or a range like `0:n`";
    case Wanted::else_body:
      return "expected '{' or `if`";
    case Wanted::initializer:
      return "expected an initializer, like `glorot_uniform` or `uniform(0.05)`,";
    case Wanted::equals_initializer:
      return "expected '=' and an initializer, like `= glorot_uniform`,";
    case Wanted::loop_in:
      return "expected 'in'";
    case Wanted::loop_range:
      return "expected '..', as in `for t in 0..steps`,";
    case Wanted::parameter_name:
      return "expected the name of a parameter";
    case Wanted::from:
      return "expected ',' or 'from'";
    case Wanted::path:
      return "expected a path in quotes, like `\"cells.model\"`,";
    case Wanted::layer_maker:
      return "expected a layer with its arguments, like `dense(64)`,";
    default:
      return {};  // those that `describe` explains
  }
}

std::string describe(const SyntaxError& error, const Neighbours& at, const SourceFile& file) {
  if (const std::string_view plain = expected(error.wanted); !plain.empty())
    return std::string(plain) + after(at.before);
  switch (error.wanted) {
    case Wanted::type:
      return explain_type(at);
    case Wanted::closing_bracket:
      return explain_closing(error, at, file);
    case Wanted::one_subscript_list:
      return "all subscripts stand in one bracket: `x[t, i]`, not `x[t][i]`";
    case Wanted::model_body:
      return opening_brace("model", at);
    case Wanted::cell_body:
      return opening_brace("cell", at);
    case Wanted::step_body:
      return opening_brace("step", at);
    case Wanted::loop_body:
      return opening_brace("loop", at);
    case Wanted::chosen_body:
      return opening_brace("'if'", at);
    case Wanted::branch_body:
      return explain_branch(at);
    case Wanted::closing_quote:
      return "expected '\"' to close the path";
    case Wanted::well_formed_number:
      return fmt::format("malformed number '{}'", printable(at.after.text));
    case Wanted::number_in_range:
      return fmt::format("the number {} does not fit a 64-bit real", printable(at.after.text));
    default:
      return {};  // said above
  }
}

bool wants_name(Wanted wanted) {
  switch (wanted) {
    case Wanted::name:
    case Wanted::expression:
    case Wanted::parameter:
    case Wanted::cell_parameter:
    case Wanted::parameter_name:
    case Wanted::subscript:
    case Wanted::layer_maker:
    case Wanted::initializer:
    case Wanted::stage:
      return true;
    default:
      return false;
  }
}

// `for in 0..8`, `import from "f"`: the keyword is where it belongs, the name before it is missing.
bool lacks_name(const Neighbours& at) {
  return (at.before.is("for") && at.after.is("in")) ||
         (at.before.is("import") && at.after.is("from"));
}

bool took_keyword(Wanted wanted, const Neighbours& at) {
  return wants_name(wanted) && at.on_one_line() && is_keyword(at.after) && !lacks_name(at);
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
  result.message = took_keyword(error.wanted, at) ? keyword_is_no_name(at.after.text)
                                                  : describe(error, at, file);
  return result;
}

}  // namespace coil
