#pragma once

// Where parsing goes on after a mistake.

#include "compiler/syntax/scanner.hpp"

namespace coil {

// Whether a model, a cell or an import starts with this token.
bool starts_declaration(std::string_view text, const Token& token);

// Whether the next token at or after `end`, the end of a name, is '='.
bool is_before_equals(std::string_view text, std::uint32_t end);

// Whether the name that ends at `end` begins an assignment: `NAME =`, or on one line `NAME[...] =` and
// `NAME, NAME[...] =`.
bool starts_assignment(std::string_view text, std::uint32_t end);

// `keyword = ...`: someone took a keyword for a name.
bool is_keyword_as_name(std::string_view text, const Token& token);

// Each skips the tokens after `last` and returns the end of the last one skipped, or of `last` itself.

// Stops before the next line that starts with a statement keyword, an assignment, a declaration or '}',
// and before any '}' that closes the block. Braces opened on the way are skipped whole. An assignment
// after '(' or ',' is an argument on a line of its own, and no place to stop.
std::uint32_t skip_to_statement(std::string_view text, const Token& last);

// The same after a statement that nobody knows; stops before any line that starts with a word and does not
// go on with an expression.
std::uint32_t skip_unknown_statement(std::string_view text, const Token& first);

// Stops before the next line that starts with a declaration.
std::uint32_t skip_to_declaration(std::string_view text, const Token& last);

struct SkippedHeader {
  std::uint32_t end = 0;
  bool found_brace = false;
  Token next;  // where no brace was found: what stands there
};

// Looks for the body of a declaration whose header is wrong: stops behind '{', or before what only a body
// holds.
SkippedHeader skip_to_body(std::string_view text, const Token& last);

// The same for what has a body inside another: stops behind '{', or where skip_to_statement does.
SkippedHeader skip_to_inner_body(std::string_view text, const Token& last);

}  // namespace coil
