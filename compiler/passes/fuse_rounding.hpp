#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// What an expression computes and a product reads rounded is rounded where it is computed, so that memory is not gone
// through once more for it:
//
//   to_bf16(fused_elementwise(x, ..))  ->  fused_elementwise(x, ..) with the body to_bf16(y), where that of the former
//                                          gives y
//
// A result that is read as it is too is given both ways. Changes nothing that is computed.
Graph fuse_rounding(const Graph& graph);

}  // namespace coil
