#pragma once

#include "compiler/graph/graph.hpp"
#include "compiler/passes/remarks.hpp"

namespace coil {

// Recurrences of well-known cells become one node each:
//
//   scan cell over x @ W1 + b1, x @ W2 + b2, .. from h     ->
//       recurrent(x, h, concat(W1, W2, ..), concat(U1, U2, ..), concat(b1, b2, ..))
//
// where the cell is what `classify` says, forwards in time, with the functions that the library has for it (lstm, gru:
// sigmoid and tanh; vanilla: either), each gate reads the one sequence x by a kernel, and the scan gives
// no sequence but that of h. Biases that are missing are zeros, several are summed. What stays a scan, and why, is told
// to `remarks`.
Graph use_native(const Graph& graph, Remarks& remarks);

}  // namespace coil
