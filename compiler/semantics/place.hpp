#pragma once

#include "compiler/syntax/ast.hpp"

namespace coil::semantics {

// Makes every range of a parsed file one of the file of that number (SourceRange::file).
void put_in_file(ast::File& file, std::uint32_t number);

}  // namespace coil::semantics
