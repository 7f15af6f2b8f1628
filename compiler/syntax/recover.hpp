#pragma once

// Where parsing goes on after a mistake.

#include "compiler/syntax/scanner.hpp"

namespace coil {

// Whether a model, or a later kind of declaration, starts with this token.
bool starts_declaration(std::string_view text, const Token& token);

// `keyword = ...`: someone took a keyword for a name.
bool is_keyword_as_name(std::string_view text, const Token& token);

// Each skips the tokens after `last` and returns the end of the last one skipped, or of `last` itself.

// Stops before the next line that starts with a statement keyword, `NAME =`, a declaration or '}', and
// before any '}' that closes the model. Braces opened on the way are skipped whole. `NAME =` after '('
// or ',' is an argument on a line of its own, and no place to stop.
std::uint32_t skip_to_statement(std::string_view text, const Token& last);

// Stops before the next line that starts with a declaration.
std::uint32_t skip_to_declaration(std::string_view text, const Token& last);

// Looks for the body of a model whose header is wrong: stops behind '{', or before what only a body
// holds. `found` tells whether there is one.
std::uint32_t skip_to_body(std::string_view text, const Token& last, bool& found);

}  // namespace coil
