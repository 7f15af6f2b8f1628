#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Makes each scan yield what its gradient may need: in every step the values it carries in, and all it computes.
//   scan(body: h -> h', y) -> (h_n, ys)      becomes
//   scan(body: h -> h', y, h, ..) -> (h_n, ys, hs, ..)
// Scans in bodies too. What has no batch is not recorded, but computed again. What no gradient asked for is
// dropped afterwards, by eliminate_dead.
Graph record_scans(const Graph& graph);

}  // namespace coil
