#pragma once

#include <optional>
#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// Bodies of scans may hold scans, to this depth.
inline constexpr std::size_t deepest_body = 8;

// Everything that must hold of a graph in any form: operands stand before users, arity and attributes fit
// the op's record, types are those inferred, leaf names are unique and their types valid, inputs are
// numbered from 0 without gaps, indices are in range of the table they index, bodies of scans are
// well-formed, pieces of one weight lie apart inside it and agree on it, parts are all steps of an input,
// outputs exist and updates fit what they update. The first thing that does not hold, with the node's
// number; nothing where all is well. Works on graphs from untrusted files.
std::optional<std::string> why_malformed(const Graph& graph);

// The same for the body of a scan, which has only results and no weight or state of its own.
// `depth`: of the scans around it.
std::optional<std::string> why_malformed_body(const Graph& body, std::size_t depth = 1);

}  // namespace coil
