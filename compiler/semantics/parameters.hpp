#pragma once

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

// Gives every parameter of the model its value, from a definition or else its default, and puts it into
// scope. RunError (usage) where a definition does not fit.
std::vector<EffectiveParameter> elaborate_parameters(Context& context, const ast::Model& model,
                                                     const std::vector<Definition>& definitions);

}  // namespace coil::semantics
