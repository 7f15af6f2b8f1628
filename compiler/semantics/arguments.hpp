#pragma once

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

// What something that makes a layer may be told.
struct Signature {
  std::string callee;
  std::string usage;  // "dense(units, activation = none)"
  std::vector<std::string> parameters;
  std::vector<bool> required;
};

// Which argument each parameter gets, null for none. `ok` is false where something was reported: missing,
// unknown, given twice or too many.
struct Matched {
  std::vector<const ast::Argument*> given;
  bool ok = true;
};

// Positional ones first, then by name. Reports at the argument or at `where`.
Matched match_arguments(Context& context, const Signature& signature, SourceRange where,
                        const std::vector<ast::Argument>& arguments);

// The arguments of a built-in `kind(...)` in the order of its parameters; nothing where there was a mistake.
std::optional<std::vector<ParameterValue>> bind_arguments(
    Context& context, const LayerKind& kind, SourceRange where,
    const std::vector<ast::Argument>& arguments);

// An argument that is one of some names. A name that is no parameter's stands for itself here, whatever
// else has it. Poison, and a report, where it is none of the choices.
Meaning bind_choice(Context& context, const std::string& parameter,
                    const std::vector<std::string>& choices, const ast::Expression& expression);

// Whether the arguments are those that the layer was made with; also where there are mistakes in them,
// which are reported.
bool same_arguments(Context& context, const Layer& layer, SourceRange where,
                    const std::vector<ast::Argument>& arguments);

}  // namespace coil::semantics
