#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Both sides of every product of reals, rounded; each value once, however many products read it:
//
//   matmul(a, b)                      ->  matmul(to_bf16(a), to_bf16(b))
//   fused_matmul(a, b, bias, addend)  ->  fused_matmul(to_bf16(a), to_bf16(b), bias, addend)
//   recurrent(x, h, c, K, U, bias)    ->  recurrent(to_bf16(x), to_bf16(h), c, to_bf16(K), to_bf16(U), bias), rounded
//
// and a recurrent_grad as its recurrent. A cell that does more with h than multiply it stays as it is: rounding h
// between two steps would lose what it is to remember.
//
// Changes what a graph computes, by as much as eight significant bits tell: within 2^-8 of each side. Flat graphs only.
Graph round_products(const Graph& graph);

}  // namespace coil
