#pragma once

#include <string>

#include "compiler/graph/graph.hpp"

namespace coil::cli {

// The graph in Graphviz's DOT: leaves as boxes with names and types, ops as rounded boxes with the type of
// their results, outputs as plain names. For `dot -Tsvg`.
std::string to_dot(const Graph& graph);

}  // namespace coil::cli
