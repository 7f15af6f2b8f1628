#pragma once

// `weight` and `state`: the leaves that a text makes by itself.

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

// Whether the name is free for what is defined once; else a report.
bool is_free(Context& context, const ast::Identifier& name);

void define_weight(Context& context, const ast::WeightStatement& statement);
void define_states(Context& context, const ast::StateStatement& statement);

// `h = value`, of a state: of its own type, or without a batch and stretched to it.
void assign_state(Context& context, Binding& state, const Meaning& value, SourceRange where);

// The state as it is at the start: a leaf where it outlives the call, else zeros.
void set_to_start(Context& context, Scope& scope, StateSlot& state);

// After everything: the last values of the states that outlive the call, as updates.
void output_states(Context& context);

}  // namespace coil::semantics
