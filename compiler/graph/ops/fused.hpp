#pragma once

#include <optional>
#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// Why a body is no expression; nothing where it is one. An expression has
//   inputs      a value of the width, or one that only slices take parts of
//   slices      of inputs along the last dimension, of the width
//   constants
//   element-wise ops whose results all have one shape, the last dimension of which is the width; their operands have
//               that shape too, or are one row of it, or one number
//   concats     of values and constants of that shape along the last dimension, which only outputs use
std::optional<std::string> why_no_expression(const Graph& body);

// Whether an operand of this type can be read where values of type `space` are computed: it has that type, or is one
// row or one number for all.
bool fits_expression(const Type& operand, const Type& space);

}  // namespace coil
