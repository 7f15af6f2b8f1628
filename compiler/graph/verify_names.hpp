#pragma once

// The verifier's part on names: of leaves, and of what people see in their place.

#include <optional>
#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// Why this is no box of its whole weight that a leaf of `shape` can be: the box's sizes, some of those that
// are one left out. Nothing for a weight that is no piece.
std::optional<std::string> why_no_piece(const Piece& piece, const Shape& shape);

// Why a leaf of `shape` is not all its parts side by side. Nothing for one that is no joint.
std::optional<std::string> why_no_joint(const Joint& joint, const Shape& shape);

// Why the names of leaves, the positions of inputs, the pieces of weights, the parts of joints or those of
// inputs are not in order.
std::optional<std::string> why_misnamed(const Graph& graph);

}  // namespace coil
