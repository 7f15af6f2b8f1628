#pragma once

#include "compiler/passes/roll_relate.hpp"
#include "compiler/passes/simplifier.hpp"

namespace coil::rolling {

// Two neighbouring steps by what they leave, the later one first.
struct Seed {
  Value last, before;
  // What the steps of a collected sequence added, the first one first; empty where the seed is a carried
  // value.
  std::vector<Value> collected;
  // What steps before those may have left, by what it looks like.
  std::vector<Value> earlier;
};

// The least general generalisation of the two: what they share is the pattern, what differs a hole. Nothing
// where they are not two steps of a recurrence; `mismatch` then says where they part.
std::optional<Pattern> anti_unify(const Graph& graph, Signatures& signatures, const Seed& seed,
                                  std::optional<Mismatch>& mismatch);

// Follows the pattern back through the graph, step before step, as far as it goes; and accepts as the first
// step what the pattern is when values that it carries are zero. May add nodes to the graph, whose own are the
// first `original_size`.
Recurrence extend(Simplifier& simplify, Signatures& signatures, Pattern pattern, const Seed& seed,
                  NodeId original_size);

}  // namespace coil::rolling
