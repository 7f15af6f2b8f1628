#pragma once

// Ops on [batch, ..] done for all steps at once, on [batch, steps, ..].

#include "compiler/passes/simplifier.hpp"

namespace coil {

// A value of every step: a sequence of its own for each, or one that all steps share.
struct Along {
  Value value;
  bool is_sequence = false;
};

// Whether the op works along sequences, where those operands differ from step to step.
bool works_along(const Node& node, const std::vector<bool>& varies);

// op(operands) of every step. `node` is that of one step; it works along sequences.
Value add_along(Simplifier& simplify, const Node& node, const std::vector<Along>& operands,
                std::int64_t steps);

// As a sequence, repeated where all steps share it.
Value as_sequence(Simplifier& simplify, const Along& along, std::int64_t steps);

}  // namespace coil
