#pragma once

#include "compiler/graph/graph.hpp"
#include "compiler/passes/load.hpp"

namespace coil {

// A function of rows, of rows that were looked up, is looked up among the function of all rows:
//
//   f(gather(T, i))                 -> gather(f(T), i)
//   f(gather(S, i), gather(T, i))   -> gather(f(S, T), i)
//
// where the table has fewer rows than are looked up, `load.batch` times the indices of one row of the batch; or where it
// is made of weights that stay, hence once, and is not large. f is
// a product by what has no batch, an element-wise op whose other operands are one row or a number, a softmax, or
// takes rows apart or puts them side by side. With 57 characters, `embed |> encode` is a table of 57 rows
// whatever the batch; its gradient is summed into 57 rows before anything is multiplied.
//
// And a product that sums over rows, of rows that were looked up, is one of the table's rows:
//
//   matmul(gather(T, i)', g)        -> matmul(T', scatter_add(g, i))
//
// where the table has no more than half as many rows; so is matmul(g', gather(T, i)). And so are sums by row of what is a
// multiple of other rows, if nobody else wants it:
//
//   scatter_add(g @ W, i)             -> scatter_add(g, i) @ W
//   scatter_add(f(g, gather(T, i)), i) -> f(scatter_add(g, i), T)      f a multiple of g, element by element
//
// Nothing is folded where the batch is 0: unknown.
Graph fold_gathers(const Graph& graph, const Load& load);

}  // namespace coil
