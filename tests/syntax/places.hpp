#pragma once

#include "compiler/syntax/ast.hpp"

// Checks the place of every node: inside its parent's, after its elder sibling's, without white space or a
// comment at either end; and that the text of every name is the name. Returns what does not hold first, or
// "".
std::string misplaced(const coil::ast::File& ast, const coil::SourceFile& file);
