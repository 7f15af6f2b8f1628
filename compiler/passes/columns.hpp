#pragma once

#include "compiler/graph/graph.hpp"

namespace coil {

// A slice along the last dimension that keeps it; null where the node is none.
inline const SliceAttributes* as_columns(const Node& node) {
  const auto* slice = std::get_if<SliceAttributes>(&node.attributes);
  if (!slice || slice->drop) return nullptr;
  return slice->axis + 1 == std::ssize(node.types[0].shape.dims) ? slice : nullptr;
}

// Values side by side along the last dimension.
inline bool is_side_by_side(const Node& node) {
  const auto* concat = std::get_if<ConcatAttributes>(&node.attributes);
  return concat && !concat->stack && concat->axis + 1 == std::ssize(node.types[0].shape.dims);
}

}  // namespace coil
