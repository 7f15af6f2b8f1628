#pragma once

#include <optional>
#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// Everything that must hold of a graph in any form: operands stand before users, arity and attributes fit
// the op's record, types are those inferred, leaf names are unique and their types valid, inputs are
// numbered from 0 without gaps, indices are in range of the table they index, outputs exist and updates
// fit what they update. The first thing that does not hold, with the node's number; nothing where all is
// well. Works on graphs from untrusted files.
std::optional<std::string> why_malformed(const Graph& graph);

}  // namespace coil
