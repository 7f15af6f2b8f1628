#pragma once

#include "compiler/graph/graph.hpp"
#include "compiler/passes/remarks.hpp"

namespace coil {

// Finds recurrences in a flat graph, whatever their body, and makes each a scan.
//
//   h1 = f(h0, x1), h2 = f(h1, x2), .., hn = f(hn-1, xn)   ->   hn = scan f over stack(x1, .., xn) from h0
//
// where f is the least general generalisation of two neighbouring steps: what differs between them must be
// what the step before left (a carried value) or an element of a sequence; all else is the same node. The
// recurrence is followed back as far as it goes. A first step that is f simplified with h0 = 0 counts as
// one. Steps of a collected sequence that carry nothing are a scan without carries:
//
//   stack(f(x1), .., f(xn))   ->   what scan f over stack(x1, .., xn) yields
//
// What stopped a recurrence that went on before is told to `remarks`.
Graph roll(const Graph& graph, Remarks& remarks);

}  // namespace coil
