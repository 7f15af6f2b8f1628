#pragma once

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

// `h = x`, `i, f = split(x, 2)`, `y[t] = h`
void elaborate_assignment(Context& context, const ast::AssignStatement& assign);

// Every name that the statements would give a value becomes poison.
void poison_targets(Context& context, const std::vector<ast::Statement>& statements);

}  // namespace coil::semantics
