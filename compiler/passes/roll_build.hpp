#pragma once

#include <optional>

#include "compiler/passes/roll_step.hpp"

namespace coil::rolling {

// The graph with a scan in the place of the recurrence's steps. Whatever else uses a value of some step
// takes it from what the scan leaves or yields. Nothing where the scan would need a value that is computed
// from its own steps. Nodes from `original_size` on are scratch: they go.
std::optional<Graph> build_scan(const Graph& graph, NodeId original_size,
                                const Recurrence& recurrence);

}  // namespace coil::rolling
