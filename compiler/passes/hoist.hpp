#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Leaves in each scan only what is a recurrence, and one recurrence in each scan.
//   what no carried value reaches is computed for all steps at once, before the scan:
//     scan (h -> tanh(x_t @ W + b + h @ U))  ->  s = X @ W + b; scan (h -> tanh(s_t + h @ U))
//   what reaches no carried value, after it:   yield decode(h_t)  ->  decode(yield h_t)
//   carried values that do not need each other go to scans of their own, in the order of their needs
//   a carried value that does not need itself is the sequence of what it is set to, one step late
//   a carried value that each step leaves as it was is its first value
// X, s and the like are sequences [batch, steps, ..]. Of a sum (or product) in a body, the operands that no
// carried value reaches are summed outside if some of them differ from step to step.
// Left as it is: a scan with an op that does not work along sequences, one whose carried values only change
// places, and a reversed one.
Graph hoist(const Graph& graph);

}  // namespace coil
