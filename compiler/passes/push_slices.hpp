#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// A value that is only used in parts is computed in parts, in the graph and in the bodies of its scans:
//   (a + b)[.., p : q]  -> a[.., p : q] + b[.., p : q]          f(x)[.., p : q] -> f(x[.., p : q])
//   (x @ W)[.., p : q]  -> x @ W[:, p : q]                      gather(T, i)[.., p : q] -> gather(T[:, p : q], i)
// along the last dimension, f element-wise, where every use of the left side is such a part. So a split of
// one product by a wide weight is what products by several narrow ones are.
Graph push_slices(const Graph& graph);

}  // namespace coil
