#pragma once

#include "compiler/source/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"

namespace coil {

// Parses a whole file. Mistakes go to `diagnostics`, all of those that can be told apart: after one,
// parsing goes on at the next statement. What was understood is returned in any case; it must not be
// elaborated if there were errors.
ast::File parse(const SourceFile& file, Diagnostics& diagnostics);

// The file as an indented tree, one node a line, with line:column of each: what `--emit=ast` prints.
std::string print_ast(const ast::File& ast, const SourceFile& file);

}  // namespace coil
