#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// dropout(x) -> x, in bodies of scans too: a model that predicts leaves nothing out.
Graph remove_dropout(const Graph& graph);

}  // namespace coil
