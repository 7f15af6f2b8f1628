#include "compiler/passes/clusters.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/ops/fused.hpp"
#include "compiler/passes/columns.hpp"
#include "compiler/passes/post_ops.hpp"

namespace coil {
namespace {

class Finder {
 public:
  explicit Finder(const Graph& graph) : graph_(graph), uses_(count_uses(graph)) {}

  Clusters run() {
    parents_.resize(graph_.size());
    std::iota(parents_.begin(), parents_.end(), 0);
    epochs_.assign(graph_.size(), 0);
    fits_.assign(graph_.size(), false);
    for (NodeId id = 0; id < graph_.size(); ++id) {
      fits_[id] = fits(id);
      visit(id);
    }
    find_rows();
    for (NodeId id = 0; id < graph_.size(); ++id)
      if (is_side_by_side(graph_.node(id))) join_behind(id);
    return collect();
  }

 private:
  const Type& type(NodeId id) const { return graph_.node(id).types[0]; }

  bool is_lone_product(Value value) const {
    return graph_.node(value.node).op == Op::matmul && uses_[value.node] == 1;
  }

  // x @ W + bias.
  bool takes_bias(const Node& node) const {
    if (node.op != Op::add || node.operands.size() != 2) return false;
    for (const std::size_t i : {0, 1})
      if (is_lone_product(node.operands[i]) && graph_.type(node.operands[i]) == node.types[0] &&
          is_bias(graph_.type(node.operands[1 - i]), node.types[0]))
        return true;
    return false;
  }

  // Whether a product takes the node along.
  bool rides(NodeId id) const {
    const Node& node = graph_.node(id);
    if (!activation_of(node.op)) return takes_bias(node);
    const Value inner = node.operands[0];
    return is_lone_product(inner) ||
           (uses_[inner.node] == 1 && takes_bias(graph_.node(inner.node)));
  }

  bool fits(NodeId id) const {
    const Node& node = graph_.node(id);
    if (!is_elementwise(node.op) || node.types.size() != 1 || type(id).shape.is_scalar())
      return false;
    const bool operands_fit = std::ranges::all_of(node.operands, [&](Value operand) {
      return fits_expression(graph_.type(operand), type(id));
    });
    return operands_fit && !rides(id);
  }

  // Whether the operand's element is computed where that of the node is.
  bool meets(NodeId id, Value operand) const {
    return fits_[id] && fits_[operand.node] && type(operand.node) == type(id);
  }

  // Nodes of one epoch have no path between them that leaves it: whatever lies between two that meet is of a later one.
  void visit(NodeId id) {
    for (const Value operand : graph_.node(id).operands)
      epochs_[id] = std::max(epochs_[id], epochs_[operand.node] + (meets(id, operand) ? 0U : 1U));
    for (const Value operand : graph_.node(id).operands)
      if (meets(id, operand) && epochs_[operand.node] == epochs_[id]) join(id, operand.node);
  }

  // Values of one shape and epoch that end side by side are computed together.
  void join_behind(NodeId id) {
    std::optional<NodeId> first;
    for (const Value operand : graph_.node(id).operands) {
      if (!fits_[operand.node]) continue;
      if (!first) first = operand.node;
      if (type(operand.node) == type(*first) && epochs_[operand.node] == epochs_[*first])
        join(operand.node, *first);
    }
  }

  void find_rows() {
    is_read_by_row_.assign(graph_.size(), false);
    for (NodeId id = 0; id < graph_.size(); ++id)
      is_read_by_row_[id] = graph_.node(id).op == Op::gather;
    for (NodeId id = 0; id < graph_.size(); ++id)
      for (const Value operand : graph_.node(id).operands)
        if (!fits_[id] || type(operand.node) != type(id)) is_read_by_row_[operand.node] = false;
    for (const Output& output : graph_.outputs) is_read_by_row_[output.value.node] = false;
  }

  NodeId root(NodeId id) {
    while (parents_[id] != id) id = parents_[id] = parents_[parents_[id]];
    return id;
  }
  void join(NodeId a, NodeId b) {
    parents_[std::max(root(a), root(b))] = std::min(root(a), root(b));
  }

  // One op alone is a cluster where it reads parts, or rows where they lie; but what is added to a product goes with
  // that.
  bool is_worth_it(const std::vector<NodeId>& members) const {
    const Node& node = graph_.node(members[0]);
    const auto is_part = [&](Value operand) {
      return as_columns(graph_.node(operand.node)) && graph_.type(operand) == node.types[0];
    };
    const auto is_row = [&](Value operand) { return is_read_by_row_[operand.node]; };
    const bool rides = node.op == Op::add && std::ranges::any_of(node.operands, [&](Value operand) {
                         return is_lone_product(operand);
                       });
    return members.size() > 1 || std::ranges::any_of(node.operands, is_part) ||
           (!rides && std::ranges::any_of(node.operands, is_row));
  }

  Clusters collect() {
    std::map<NodeId, std::vector<NodeId>> by_root;
    for (NodeId id = 0; id < graph_.size(); ++id)
      if (fits_[id]) by_root[root(id)].push_back(id);
    Clusters clusters;
    clusters.is_read_by_row = is_read_by_row_;
    clusters.of.assign(graph_.size(), Clusters::none);
    for (auto& [first, members] : by_root) {
      if (!is_worth_it(members)) continue;
      for (const NodeId id : members) clusters.of[id] = clusters.members.size();
      clusters.members.push_back(std::move(members));
    }
    return clusters;
  }

  const Graph& graph_;
  std::vector<std::uint32_t> uses_;
  std::vector<NodeId> parents_;        // by node, towards the first of its cluster
  std::vector<std::uint32_t> epochs_;  // by node
  std::vector<bool> fits_;             // by node
  std::vector<bool> is_read_by_row_;   // by node
};

}  // namespace

Clusters find_clusters(const Graph& graph) { return Finder(graph).run(); }

}  // namespace coil
