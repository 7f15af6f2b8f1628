#pragma once

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

// Besides its own, every cell takes the parameter `stateful = false`.
inline constexpr const char* stateful_parameter = "stateful";

// The arguments of `Cell(...)`, one a parameter and `stateful` the last; nothing where there was a mistake.
// Given ones mean what they mean where the layer is made; defaults may use the parameters before them.
std::optional<std::vector<Meaning>> bind_cell_arguments(
    Context& context, const CellDeclaration& cell, SourceRange where,
    const std::vector<ast::Argument>& arguments);

// A parameter's default: a number, or a name that stands for itself. Poison, and a report, for a value.
Meaning default_of(Context& context, const std::string& parameter,
                   const ast::Expression& expression);

}  // namespace coil::semantics
