#pragma once

// Copying a piece of a weight out of the whole and back into it (see Piece in compiler/graph/attributes.hpp).

#include <span>

#include "compiler/graph/attributes.hpp"

namespace coil {

// part[i] = whole[i-th element of the box], the last dimension running fastest. InternalError where `whole` or
// `part` has another number of elements than the piece says, or the box is not inside.
void gather_box(std::span<const float> whole, const Piece& piece, std::span<float> part);

// The other way; elements of `whole` outside the box stay.
void scatter_box(std::span<const float> part, const Piece& piece, std::span<float> whole);

}  // namespace coil
