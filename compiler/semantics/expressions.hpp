#pragma once

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

// What an expression means; adds the nodes it needs. Mistakes are reported, each once, and give poison.
// Recurses over the depth of expressions, which the parser bounds, and never over their width.
Meaning meaning_of(Context& context, const ast::Expression& expression);

// Operators, on numbers and values alike. `where` is the operator for a binary one.
Meaning apply_negation(Context& context, const Meaning& operand, SourceRange where);
Meaning apply_operator(Context& context, const ast::Term& term, const Meaning& left,
                       const Meaning& right);

// `c[t]`, `V[0:k, :]`
Meaning apply_subscripts(Context& context, const Meaning& base,
                         std::span<const ast::Subscript> subscripts, SourceRange where);

// `mix(h)`, `tanh(h)`
Meaning apply_call(Context& context, const ast::Call& call, SourceRange where);

// `|> mix`, `|> dense(8, relu)`, `|> tanh`
Meaning apply_stage(Context& context, const ast::Stage& stage, const Meaning& source);

}  // namespace coil::semantics
