#pragma once

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

// The arguments of `kind(...)` in the order of the kind's parameters: positional ones first, then by
// name, then defaults. Reports what is missing, unknown, given twice or of the wrong kind at the
// argument or at `where`; nothing then.
std::optional<std::vector<ParameterValue>> bind_arguments(
    Context& context, const LayerKind& kind, SourceRange where,
    const std::vector<ast::Argument>& arguments);

}  // namespace coil::semantics
