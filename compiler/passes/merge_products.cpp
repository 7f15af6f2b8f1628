#include "compiler/passes/merge_products.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <map>

#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/rewriter.hpp"

namespace coil {
namespace {

// The matrices of the products of one value, each once, in the order of the products.
struct Group {
  std::vector<Value> matrices;
  bool is_placed = false;
  Value product;  // by all of them, in the new graph
};

// Leaves that a caller gives to a body after `first` are what every step sees.
bool is_at_hand(const Node& node, std::int64_t first_capture) {
  if (const auto* input = std::get_if<InputAttributes>(&node.attributes))
    return input->position >= first_capture;
  return node.op == Op::weight;
}

class Merger {
 public:
  // `first_capture`: of a body, the position of the first input that every step sees.
  Merger(const Graph& graph, std::int64_t first_capture)
      : from_(graph), rewriter_(graph), first_capture_(first_capture) {
    find_groups();
  }

  bool finds_any() const { return !groups_.empty() || has_scans_; }

  // Of a model: matrices are put side by side here.
  Graph run() {
    run_nodes([&](const Group& group) { return side_by_side(rewriter_.mapped(group.matrices)); });
    return rewriter_.finish();
  }

  // Of a body: matrices are put side by side outside, and given from `next_position` on. `given` takes, for each, the
  // positions of what it is made of.
  Graph run_body(std::int64_t next_position, std::vector<std::vector<std::size_t>>& given) {
    run_nodes([&](const Group& group) { return new_input(group, next_position, given); });
    return rewriter_.finish();
  }

 private:
  Builder& build() { return rewriter_.build(); }

  // The group of the node, if it is a product that may be merged with another.
  const MatmulAttributes* mergeable(const Node& node) const {
    const auto* product = std::get_if<MatmulAttributes>(&node.attributes);
    if (!product || product->transpose_a || product->transpose_b) return nullptr;
    return is_at_hand(from_.node(node.operands[1].node), first_capture_) ? product : nullptr;
  }

  void find_groups() {
    for (const Node& node : from_.nodes()) {
      has_scans_ = has_scans_ || node.op == Op::scan;
      if (!mergeable(node)) continue;
      auto& matrices = groups_[node.operands[0]].matrices;
      if (std::ranges::find(matrices, node.operands[1]) == matrices.end())
        matrices.push_back(node.operands[1]);
    }
    std::erase_if(groups_, [](const auto& group) { return group.second.matrices.size() < 2; });
  }

  // Leaves first: a merged product stands where the first one stood, before other matrices.
  template <typename Matrix>
  void run_nodes(const Matrix& matrix) {
    for (NodeId id = 0; id < from_.size(); ++id)
      if (is_leaf(from_.node(id))) rewriter_.keep(id);
    for (NodeId id = 0; id < from_.size(); ++id) {
      const Node& node = from_.node(id);
      const auto found = mergeable(node) ? groups_.find(node.operands[0]) : groups_.end();
      if (found != groups_.end())
        rewriter_.replace({id, 0}, part(node, found->second, matrix));
      else if (node.op == Op::scan)
        keep_scan(id);
      else if (!is_leaf(node))
        rewriter_.keep(id);
    }
  }

  template <typename Matrix>
  Value part(const Node& node, Group& group, const Matrix& matrix) {
    build().at(node.place);
    if (!group.is_placed) {
      group.is_placed = true;
      group.product = build().add(Op::matmul, {rewriter_.mapped(node.operands[0]), matrix(group)},
                                  MatmulAttributes{});
    }
    std::int64_t begin = 0;
    for (const Value other : group.matrices) {
      if (other == node.operands[1]) break;
      begin += from_.type(other).shape.last();
    }
    const Shape& shape = node.types[0].shape;
    return build().add(
        Op::slice, {group.product},
        SliceAttributes{static_cast<std::int64_t>(shape.rank()) - 1, begin, shape.last(), false});
  }

  Value side_by_side(std::vector<Value> matrices) {
    return build().add(Op::concat, std::move(matrices), ConcatAttributes{1, false});
  }

  Value new_input(const Group& group, std::int64_t& position,
                  std::vector<std::vector<std::size_t>>& given) {
    std::vector<std::size_t> positions;
    Type type = from_.type(group.matrices[0]);
    type.shape.dims[1] = 0;
    for (const Value matrix : group.matrices) {
      const auto& input = std::get<InputAttributes>(from_.node(matrix.node).attributes);
      positions.push_back(static_cast<std::size_t>(input.position));
      type.shape.dims[1] += from_.type(matrix).shape.last();
    }
    given.push_back(std::move(positions));
    return build().leaf(Op::input, InputAttributes{{fmt::format("w{}", position)}, position++, 0},
                        type);
  }

  void keep_scan(NodeId id) {
    const Node& node = from_.node(id);
    ScanAttributes scan = std::get<ScanAttributes>(node.attributes);
    Merger inside(*scan.body.graph, scan.sequences + scan.carries);
    if (!inside.finds_any()) {
      rewriter_.keep(id);
      return;
    }
    build().at(node.place);
    std::vector<Value> operands = rewriter_.mapped(node.operands);
    std::vector<std::vector<std::size_t>> given;
    scan.body = make_body(inside.run_body(std::ssize(operands), given));
    for (const auto& positions : given) {
      std::vector<Value> matrices;
      for (const std::size_t position : positions) matrices.push_back(operands[position]);
      operands.push_back(side_by_side(std::move(matrices)));
    }
    const NodeId merged = build().node(Op::scan, std::move(scan), std::move(operands));
    for (std::uint32_t i = 0; i < node.types.size(); ++i) rewriter_.replace({id, i}, {merged, i});
  }

  const Graph& from_;
  Rewriter rewriter_;
  std::int64_t first_capture_;
  std::map<Value, Group> groups_;  // by the value that is multiplied
  bool has_scans_ = false;
};

}  // namespace

Graph merge_products(const Graph& graph) {
  // Inputs of a model are no matrices.
  Merger merger(graph, std::numeric_limits<std::int64_t>::max());
  return merger.finds_any() ? merger.run() : graph;
}

}  // namespace coil
