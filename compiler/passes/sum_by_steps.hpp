#pragma once

#include "compiler/graph/graph.hpp"
#include "compiler/passes/load.hpp"

namespace coil {

// Sums over a stack of steps become sums of what each step gives:
//
//   matmul(stack(a, b)', stack(c, d))  ->  matmul(a', c) + matmul(b', d)
//   sum_to(stack(a, b))                ->  sum_to(a) + sum_to(b)
//   scatter_add(stack(a, b), i)        ->  scatter_add(a, i[0]) + scatter_add(b, i[1])
//
// for stacks that only such sums read, so that the stacks need not be written. All stacks that products read together
// are taken or none, and only where fewer numbers are moved that way: each step but the first reads and writes the sum
// again, which for a wide product of few rows is more than the stack.
//
// The rows of a step are counted by the load's batch; where that is not known, nothing is done.
Graph sum_by_steps(const Graph& graph, const Load& load);

}  // namespace coil
