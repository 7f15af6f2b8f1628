#pragma once

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

// Elaborates one statement after another into the context's graph.
void elaborate_statements(Context& context, const std::vector<ast::Statement>& statements);

}  // namespace coil::semantics
