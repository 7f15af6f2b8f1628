#pragma once

#include <string>

#include "compiler/graph/graph.hpp"

namespace coil::cli {

// The graph's text form, with a comment before each scan that says which cell it is:
//   # scan 9: lstm (sigmoid, tanh), kernel W, recurrent U, bias b
// It is read back as if the comments were not there.
std::string annotated_text(const Graph& graph);

}  // namespace coil::cli
