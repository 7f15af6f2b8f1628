#include "compiler/passes/push_slices.hpp"

#include <map>

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/columns.hpp"
#include "compiler/passes/in_bodies.hpp"
#include "compiler/passes/simplifier.hpp"

namespace coil {
namespace {

bool lets_slices_through(const Node& node) {
  if (node.types.size() != 1) return false;
  const auto* product = std::get_if<MatmulAttributes>(&node.attributes);
  return is_elementwise(node.op) || node.op == Op::gather || (product && !product->transpose_a);
}

class Pusher {
 public:
  explicit Pusher(const Graph& graph)
      : from_(graph), rewriter_(graph), simplify_(rewriter_.build()) {
    find_sliced();
  }

  Graph run() {
    for (NodeId id = 0; id < from_.size(); ++id) {
      const Node& node = from_.node(id);
      if (as_columns(node) && sliced_[node.operands[0].node]) {
        rewriter_.build().at(node.place);
        const auto slice = std::get<SliceAttributes>(node.attributes);
        rewriter_.replace({id, 0}, push(node.operands[0], slice.begin, slice.size));
      } else {
        rewriter_.keep(id, with_body(node, push_slices));
      }
    }
    return rewriter_.finish();
  }

 private:
  // The nodes that are used in parts alone: by slices, or by element-wise ops that are.
  void find_sliced() {
    sliced_.assign(from_.size(), true);
    std::vector<bool> used(from_.size(), false);
    for (const Output& output : from_.outputs) sliced_[output.value.node] = false;
    for (NodeId id = static_cast<NodeId>(from_.size()); id-- > 0;) {
      const Node& node = from_.node(id);
      sliced_[id] = sliced_[id] && used[id] && lets_slices_through(node);
      for (const Value operand : node.operands) {
        used[operand.node] = true;
        const bool in_parts = as_columns(node) || (sliced_[id] && is_elementwise(node.op));
        if (!in_parts) sliced_[operand.node] = false;
      }
    }
  }

  // old[.., begin : begin + size]
  Value push(Value old, std::int64_t begin, std::int64_t size) {
    const auto key = std::tuple(old, begin, size);
    if (const auto known = pushed_.find(key); known != pushed_.end()) return known->second;
    const Value value = push_new(old, begin, size);
    pushed_.emplace(key, value);
    return value;
  }

  Value push_new(Value old, std::int64_t begin, std::int64_t size) {
    const Node& node = from_.node(old.node);
    if (!sliced_[old.node]) return part(rewriter_.mapped(old), begin, size);
    std::vector<Value> operands;
    if (is_elementwise(node.op)) {
      for (const Value operand : node.operands)
        operands.push_back(is_as_wide(operand, old) ? push(operand, begin, size)
                                                    : rewriter_.mapped(operand));
    } else if (node.op == Op::gather) {
      operands = {part(rewriter_.mapped(node.operands[0]), begin, size),
                  rewriter_.mapped(node.operands[1])};
    } else {
      const bool transposed = std::get<MatmulAttributes>(node.attributes).transpose_b;
      const Value columns = simplify_.add(Op::slice, {rewriter_.mapped(node.operands[1])},
                                          SliceAttributes{transposed ? 0 : 1, begin, size, false});
      operands = {rewriter_.mapped(node.operands[0]), columns};
    }
    return simplify_.add(node.op, operands, node.attributes);
  }

  // One that is repeated along the last dimension is not cut.
  bool is_as_wide(Value operand, Value whole) const {
    const Shape &a = from_.type(operand).shape, &b = from_.type(whole).shape;
    return !a.is_scalar() && a.last() == b.last();
  }

  Value part(Value value, std::int64_t begin, std::int64_t size) {
    const auto axis = static_cast<std::int64_t>(simplify_.type(value).shape.rank()) - 1;
    return simplify_.add(Op::slice, {value}, SliceAttributes{axis, begin, size, false});
  }

  const Graph& from_;
  Rewriter rewriter_;
  Simplifier simplify_;
  std::vector<bool> sliced_;
  std::map<std::tuple<Value, std::int64_t, std::int64_t>, Value> pushed_;
};

}  // namespace

Graph push_slices(const Graph& graph) { return Pusher(graph).run(); }

}  // namespace coil
