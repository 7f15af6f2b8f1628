#pragma once

// The entry points of the grammar. grammar.cpp holds the rules and is the one translation unit that sees
// Spirit X3; parse.cpp drives it, one model header and one statement at a time, so that a mistake costs
// no more than its statement.

#include <cstdint>
#include <string_view>

#include "compiler/syntax/ast.hpp"

namespace coil {

// What the grammar needed where it could not go on, once it knew which construct it was in.
enum class Wanted {
  name,
  expression,
  parameter,
  stage,
  type,
  equals,
  colon,
  opening_parenthesis,
  opening_bracket,
  closing_bracket,  // of the bracket at `opener`
  opening_brace,
  layer_maker,
  well_formed_number,
  number_in_range,
};

struct SyntaxError {
  Wanted wanted = Wanted::expression;
  std::uint32_t where = 0;  // the token that does not fit, or the end of the text
  std::uint32_t opener = SourceRange::nowhere;
};

// A place in the text; after a successful parse, the end of the last token that was read.
struct Cursor {
  std::string_view text;  // ASCII outside comments, and no deeper than check_depth allows
  std::uint32_t at = 0;
};

// Each reads one construct at the cursor and moves it. False where something else stands there; then
// nothing moved. Throws SyntaxError where the construct begins but does not go on as it must.

// `model Name(parameters) {`, the opening brace included: fills all but the statements.
bool parse_model_header(Cursor& cursor, ast::Model& model);
bool parse_statement(Cursor& cursor, ast::Statement& statement);

}  // namespace coil
