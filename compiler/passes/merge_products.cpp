#include "compiler/passes/merge_products.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/rewriter.hpp"

namespace coil {
namespace {

// Products of one value. Each is told by the node that stands for it: the product, or its sum with a bias where all of
// them have one.
struct Group {
  Value factor;  // the one value
  std::vector<NodeId> nodes;
  std::vector<Value> matrices, biases;  // of each
  bool is_placed = false;
  Value product;  // by all of them, in the new graph
};

// Leaves that a caller gives to a body after `first` are what every step sees.
bool is_at_hand(const Node& node, std::int64_t first_capture) {
  if (const auto* input = std::get_if<InputAttributes>(&node.attributes))
    return input->position >= first_capture;
  return node.op == Op::weight;
}

// What a scan has to give its body in addition: operands at these positions, side by side.
struct Given {
  std::int64_t axis = 0;
  std::vector<std::size_t> positions;
};

class Merger {
 public:
  // `first_capture`: of a body, the position of the first input that every step sees.
  Merger(const Graph& graph, std::int64_t first_capture)
      : from_(graph), rewriter_(graph), first_capture_(first_capture) {
    find_only_users();
    find_groups();
  }

  bool finds_any() const { return !groups_.empty() || has_scans_; }

  // Of a model: matrices are put side by side here.
  Graph run() {
    run_nodes([&](const std::vector<Value>& parts, std::int64_t axis) {
      return side_by_side(rewriter_.mapped(parts), axis);
    });
    return rewriter_.finish();
  }

  // Of a body: matrices are put side by side outside, as `given` says, and given from `next_position` on.
  Graph run_body(std::int64_t next_position, std::vector<Given>& given) {
    run_nodes([&](const std::vector<Value>& parts, std::int64_t axis) {
      return new_input(parts, axis, next_position, given);
    });
    return rewriter_.finish();
  }

 private:
  Builder& build() { return rewriter_.build(); }

  // Whether the node is a product that may be merged with another.
  bool is_mergeable(const Node& node) const {
    const auto* product = std::get_if<MatmulAttributes>(&node.attributes);
    return product && !product->transpose_a && !product->transpose_b &&
           is_at_hand(from_.node(node.operands[1].node), first_capture_);
  }

  void find_groups() {
    std::map<Value, std::vector<NodeId>> products;
    for (NodeId id = 0; id < from_.size(); ++id) {
      const Node& node = from_.node(id);
      has_scans_ = has_scans_ || node.op == Op::scan;
      if (is_mergeable(node)) products[node.operands[0]].push_back(id);
    }
    for (auto& [factor, nodes] : products)
      if (nodes.size() > 1) add_group(factor, std::move(nodes));
  }

  // Products that steps add to elements of sequences come in the order of these, which is that of the products outside:
  // what is side by side inside is so outside too.
  void add_group(Value factor, std::vector<NodeId> products) {
    std::ranges::stable_sort(products, {}, [&](NodeId id) { return sequence_added_to(id); });
    Group group;
    group.factor = factor;
    std::vector<std::optional<NodeId>> sums;
    for (const NodeId id : products) {
      group.matrices.push_back(from_.node(id).operands[1]);
      sums.push_back(biased(id));
    }
    const bool are_biased =
        std::ranges::all_of(sums, [](const auto& sum) { return sum.has_value(); });
    for (std::size_t i = 0; i < products.size(); ++i) {
      group.nodes.push_back(are_biased ? *sums[i] : products[i]);
      if (are_biased) {
        const Node& sum = from_.node(*sums[i]);
        group.biases.push_back(sum.operands[sum.operands[0].node == products[i] ? 1 : 0]);
        is_inside_.insert(products[i]);
      }
      group_of_[group.nodes.back()] = groups_.size();
    }
    groups_.push_back(std::move(group));
  }

  // Its only user, if that adds a bias and nothing else.
  std::optional<NodeId> biased(NodeId product) const {
    const auto user = only_user_.find(product);
    if (user == only_user_.end() || !user->second) return std::nullopt;
    const Node& sum = from_.node(*user->second);
    if (sum.op != Op::add || sum.operands.size() != 2) return std::nullopt;
    const NodeId other = sum.operands[sum.operands[0].node == product ? 1 : 0].node;
    const bool is_bias = is_at_hand(from_.node(other), first_capture_) &&
                         from_.node(other).types[0].shape.rank() == 1;
    return is_bias ? user->second : std::nullopt;
  }

  std::int64_t sequence_added_to(NodeId product) const {
    const auto user = only_user_.find(product);
    if (user == only_user_.end() || !user->second) return first_capture_;
    for (const Value operand : from_.node(*user->second).operands)
      if (const auto* input = std::get_if<InputAttributes>(&from_.node(operand.node).attributes))
        return input->position;
    return first_capture_;
  }

  // Users, outputs among them; nothing for those with more than one.
  void find_only_users() {
    for (NodeId id = 0; id < from_.size(); ++id)
      for (const Value operand : from_.node(id).operands) {
        const auto [known, is_new] = only_user_.emplace(operand.node, id);
        if (!is_new) known->second = std::nullopt;
      }
    for (const Output& output : from_.outputs) only_user_[output.value.node] = std::nullopt;
  }

  // Leaves first: a merged product stands where the first one stood, before other matrices.
  template <typename Matrix>
  void run_nodes(const Matrix& matrix) {
    for (NodeId id = 0; id < from_.size(); ++id)
      if (is_leaf(from_.node(id))) rewriter_.keep(id);
    for (NodeId id = 0; id < from_.size(); ++id) {
      const auto group = group_of_.find(id);
      if (group != group_of_.end())
        rewriter_.replace({id, 0}, part(id, groups_[group->second], matrix));
      else if (from_.node(id).op == Op::scan)
        keep_scan(id);
      else if (!is_leaf(from_.node(id)) && !is_inside_.contains(id))
        rewriter_.keep(id);
    }
  }

  template <typename Matrix>
  Value part(NodeId id, Group& group, const Matrix& matrix) {
    build().at(from_.node(id).place);
    const Shape& shape = from_.node(id).types[0].shape;
    const auto last = static_cast<std::int64_t>(shape.rank()) - 1;
    if (!group.is_placed) {
      group.is_placed = true;
      group.product =
          build().add(Op::matmul, {rewriter_.mapped(group.factor), matrix(group.matrices, 1)},
                      MatmulAttributes{});
      if (!group.biases.empty())
        group.product = build().add(Op::add, {group.product, matrix(group.biases, 0)});
    }
    std::int64_t begin = 0;
    for (std::size_t i = 0; group.nodes[i] != id; ++i)
      begin += from_.type(group.matrices[i]).shape.last();
    return build().add(Op::slice, {group.product},
                       SliceAttributes{last, begin, shape.last(), false});
  }

  Value side_by_side(std::vector<Value> parts, std::int64_t axis) {
    return build().add(Op::concat, std::move(parts), ConcatAttributes{axis, false});
  }

  // One that every step sees, made of what it has seen apart.
  Value new_input(const std::vector<Value>& parts, std::int64_t axis, std::int64_t& position,
                  std::vector<Given>& given) {
    Given made{axis, {}};
    Type type = from_.type(parts[0]);
    std::int64_t& size = type.shape.dims[static_cast<std::size_t>(axis)];
    size = 0;
    for (const Value part : parts) {
      const auto& input = std::get<InputAttributes>(from_.node(part.node).attributes);
      made.positions.push_back(static_cast<std::size_t>(input.position));
      size += from_.type(part).shape.last();
    }
    given.push_back(std::move(made));
    const InputAttributes input{{fmt::format("w{}", position)}, position, 0};
    ++position;
    return build().leaf(Op::input, input, type);
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
    std::vector<Given> given;
    scan.body = make_body(inside.run_body(std::ssize(operands), given));
    for (const Given& made : given) {
      std::vector<Value> parts;
      for (const std::size_t position : made.positions) parts.push_back(operands[position]);
      operands.push_back(side_by_side(std::move(parts), made.axis));
    }
    const NodeId merged = build().node(Op::scan, std::move(scan), std::move(operands));
    for (std::uint32_t i = 0; i < node.types.size(); ++i) rewriter_.replace({id, i}, {merged, i});
  }

  const Graph& from_;
  Rewriter rewriter_;
  std::int64_t first_capture_;
  std::vector<Group> groups_;
  std::map<NodeId, std::size_t> group_of_;  // by the node that stands for a product
  std::set<NodeId> is_inside_;              // products under sums that stand for them
  std::map<NodeId, std::optional<NodeId>> only_user_;
  bool has_scans_ = false;
};

}  // namespace

Graph merge_products(const Graph& graph) {
  // Inputs of a model are no matrices.
  Merger merger(graph, std::numeric_limits<std::int64_t>::max());
  return merger.finds_any() ? merger.run() : graph;
}

}  // namespace coil
