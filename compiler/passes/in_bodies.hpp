#pragma once

#include "compiler/graph/builder.hpp"
#include "compiler/graph/op_traits.hpp"

namespace coil {

// The attributes of a node; those of a scan with `pass` applied to its body.
template <typename Pass>
Attributes with_body(const Node& node, const Pass& pass) {
  const auto* scan = std::get_if<ScanAttributes>(&node.attributes);
  if (!scan) return node.attributes;
  ScanAttributes changed = *scan;
  changed.body = make_body(pass(*scan->body.graph));
  return changed;
}

}  // namespace coil
