#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// Element-wise ops that feed each other become one node with a body:
//
//   f(g(x), y)  ->  fused_elementwise(x, y) with the body f(g(x), y)
//
// where all their results have one shape, and nothing but they themselves lies between them. Operands may be one row or
// one number for all, a part of a wider value along the last dimension, or rows of a table, which are read where they
// lie; results that are only put side by side are written where they belong. What a product can take along itself is left to it
// (fuse_post_ops): a bias, and an activation behind it.
Graph fuse_elementwise(const Graph& graph);

}  // namespace coil
