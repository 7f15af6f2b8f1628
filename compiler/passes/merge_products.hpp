#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Products of one value by several matrices become one product:
//
//   a @ V, a @ W  ->  p = a @ [V W];  p[.., V's columns], p[.., W's columns]
//
// where V and W are at hand before a is: weights, and in the body of a scan what every step sees (they are put side
// by side outside). One wide product reads `a` once, and is faster than narrow ones; its gradients are wide too.
// Canonical graphs have the narrow ones, since they say nothing of how a text divided its weights.
Graph merge_products(const Graph& graph);

}  // namespace coil
