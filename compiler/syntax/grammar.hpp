#pragma once

// The entry points of the grammar. grammar.cpp holds the rules and is the one translation unit that sees
// Spirit X3; the parser drives it, one header and one statement at a time, so that a mistake costs no more
// than its statement.

#include <cstdint>
#include <string_view>

#include "compiler/syntax/ast.hpp"

namespace coil {

// What the grammar needed where it could not go on, once it knew which construct it was in.
enum class Wanted {
  name,
  expression,
  parameter,       // of a model: with a default
  cell_parameter,  // with or without
  stage,
  type,
  equals,
  colon,
  colon_after_names,
  opening_parenthesis,
  opening_bracket,
  closing_bracket,  // of the bracket at `opener`
  subscript,
  one_subscript_list,
  model_body,  // each: the brace that opens it
  cell_body,
  step_body,
  loop_body,
  branch_body,  // or `==`
  chosen_body,  // of an `if` with its `==`
  else_body,
  layer_maker,
  initializer,
  equals_initializer,
  loop_in,
  loop_range,
  parameter_name,  // after `if`
  from,
  path,
  closing_quote,
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

// `import A, B from "path"`, whole.
bool parse_import(Cursor& cursor, ast::Import& import);
// The headers of what has a body, the opening brace included: they fill all but the statements.
bool parse_model_header(Cursor& cursor, ast::Model& model);
bool parse_cell_header(Cursor& cursor, ast::Cell& cell);
bool parse_step_header(Cursor& cursor, ast::Step& step);
// A statement; of `for` and `if` the header.
bool parse_statement(Cursor& cursor, ast::Statement& statement);

}  // namespace coil
