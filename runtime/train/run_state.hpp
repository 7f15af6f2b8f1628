#pragma once

// What a run of training holds beside weights and numbers, and how a file holds it:
//   training/mean/W, training/variance/W     Adam's moments of the canonical graph's weight W (a piece, where the
//   training/velocity/W                      graph has pieces of a stored weight); or the velocity of SGD
//   training/state/S [batch, ..]             a state as the streams left it, row by row
// in this order, each kind in the order of the graph.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "runtime/execute/executable.hpp"
#include "runtime/model/model.hpp"

namespace coil {

// States that streams carry, by name.
using Carried = std::map<std::string, std::vector<float>>;
void read_states(Program& program, Carried& into);
void write_states(const Carried& states, Program& program);

Entry entry_of(Optimizer optimizer);

// The functions below need the moments in the model's store, where an Executable of entry_of(optimizer) puts them.
void zero_moments(Model& model, Optimizer optimizer);

// `carrying` is the program whose states belong to the run; null where none do.
std::vector<Tensor> run_state(Model& model, Optimizer optimizer, Program* carrying);

// The other way. RunError (bad_artifact) names the first tensor that is missing, left over, of another shape, or
// of numbers that cannot be; then nothing was changed.
void set_run_state(std::span<const Tensor> tensors, Model& model, Optimizer optimizer,
                   Program* carrying);

}  // namespace coil
