#include "compiler/passes/pack_inputs.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <tuple>

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/in_bodies.hpp"
#include "compiler/passes/simplifier.hpp"

namespace coil {
namespace {

const InputAttributes& input(const Graph& graph, NodeId id) {
  return std::get<InputAttributes>(graph.node(id).attributes);
}

// The inputs by position.
std::vector<NodeId> in_order(const Graph& graph) {
  std::vector<NodeId> inputs = leaves(graph, Op::input);
  std::ranges::sort(inputs, {}, [&](NodeId id) { return input(graph, id).position; });
  return inputs;
}

bool are_alike(const Graph& graph, NodeId a, NodeId b) {
  return graph.node(a).types == graph.node(b).types &&
         input(graph, a).bound == input(graph, b).bound;
}

// Whether the node stacks whole inputs that stand one after the other.
bool is_row_of_inputs(const Graph& graph, const Node& node) {
  const auto* concat = std::get_if<ConcatAttributes>(&node.attributes);
  if (!concat || !concat->stack || concat->axis != 1 || node.operands.size() < 2) return false;
  for (std::size_t i = 0; i < node.operands.size(); ++i) {
    const NodeId id = node.operands[i].node;
    if (graph.node(id).op != Op::input) return false;
    if (i == 0) continue;
    const NodeId before = node.operands[i - 1].node;
    if (input(graph, id).position != input(graph, before).position + 1) return false;
    if (!are_alike(graph, id, before)) return false;
  }
  return true;
}

using Row = std::vector<NodeId>;

// Who uses a value: the node without that operand.
using Use = std::tuple<Op, std::size_t, std::vector<Value>>;
std::vector<std::vector<Use>> uses_of(const Graph& graph) {
  std::vector<std::vector<Use>> uses(graph.size());
  for (const Node& node : graph.nodes())
    for (std::size_t i = 0; i < node.operands.size(); ++i) {
      std::vector<Value> others = node.operands;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      uses[node.operands[i].node].push_back({node.op, i, std::move(others)});
    }
  return uses;
}

std::vector<std::vector<NodeId>> users_of(const Graph& graph) {
  std::vector<std::vector<NodeId>> users(graph.size());
  for (NodeId id = 0; id < graph.size(); ++id)
    for (const Value operand : graph.node(id).operands) users[operand.node].push_back(id);
  return users;
}

// Runs of inputs that stacks join, or that go the same way into a weight, as the elements of steps do that
// were too few or too different to be rolled. Rows that overlap are one. What stands beside a row belongs
// to it where nobody uses it, for a sequence may have elements that nobody reads; where it goes the way of the
// row; or where, added to something first, it goes into a weight that the row goes into.
class Rows {
 public:
  explicit Rows(const Graph& graph)
      : graph_(graph), inputs_(in_order(graph)), uses_(uses_of(graph)), users_(users_of(graph)) {}

  std::vector<Row> find() {
    join_stacks();
    join_by_weight();
    for (std::size_t i = 1; i < inputs_.size(); ++i)
      if (joined_[i - 1] && is_of_row(i, i - 1)) joined_[i] = true;
    for (std::size_t i = inputs_.size(); i-- > 1;)
      if (joined_[i + 1] && is_of_row(i - 1, i)) joined_[i] = true;
    std::vector<Row> rows;
    for (std::size_t i = 1; i < inputs_.size(); ++i) {
      if (!joined_[i]) continue;
      if (!joined_[i - 1]) rows.push_back({inputs_[i - 1]});
      rows.back().push_back(inputs_[i]);
    }
    return rows;
  }

 private:
  void join_stacks() {
    std::vector<std::size_t> place(graph_.size(), 0);
    for (std::size_t i = 0; i < inputs_.size(); ++i) place[inputs_[i]] = i;
    joined_.assign(inputs_.size() + 1, false);
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const Node& node = graph_.node(id);
      if (!is_row_of_inputs(graph_, node)) continue;
      ways_.insert(uses_[id].begin(), uses_[id].end());
      find_weights(id, weights_);
      for (std::size_t i = 1; i < node.operands.size(); ++i)
        joined_[place[node.operands[i].node]] = true;
    }
  }

  void join_by_weight() {
    const auto goes_into_weight = [&](const Use& use) {
      const auto& others = std::get<2>(use);
      return others.size() == 1 && graph_.node(others[0].node).op == Op::weight;
    };
    for (std::size_t i = 1; i < inputs_.size(); ++i) {
      if (!are_alike(graph_, inputs_[i], inputs_[i - 1])) continue;
      const auto &here = uses_[inputs_[i]], &before = uses_[inputs_[i - 1]];
      for (const Use& use : here)
        if (goes_into_weight(use) && std::ranges::find(before, use) != before.end())
          joined_[i] = true;
    }
  }

  bool is_of_row(std::size_t i, std::size_t beside) const {
    if (!are_alike(graph_, inputs_[i], inputs_[beside])) return false;
    const auto& uses = uses_[inputs_[i]];
    if (uses.empty()) return true;
    std::set<NodeId> weights;
    find_weights(inputs_[i], weights);
    return std::ranges::any_of(uses, [&](const Use& use) { return ways_.contains(use); }) ||
           std::ranges::any_of(weights, [&](NodeId id) { return weights_.contains(id); });
  }

  // The weights that a value goes into, by itself or as a term of a sum.
  void find_weights(NodeId id, std::set<NodeId>& weights) const {
    for (const NodeId user : users_[id]) {
      const Node& node = graph_.node(user);
      if (node.op == Op::add || node.op == Op::sub) find_weights(user, weights);
      if (node.op != Op::matmul || node.operands[0] != Value{id, 0}) continue;
      if (graph_.node(node.operands[1].node).op == Op::weight)
        weights.insert(node.operands[1].node);
    }
  }

  const Graph& graph_;
  std::vector<NodeId> inputs_;
  std::vector<std::vector<Use>> uses_;
  std::vector<std::vector<NodeId>> users_;
  std::vector<bool> joined_;  // to the one before
  std::set<Use> ways_;        // of the rows
  std::set<NodeId> weights_;  // that they go into
};

class Packer {
 public:
  explicit Packer(const Graph& graph)
      : from_(graph), rewriter_(graph), simplify_(rewriter_.build()), rows_(Rows(graph).find()) {}

  Graph run() {
    if (rows_.empty()) return from_;
    place_inputs();
    for (NodeId id = 0; id < from_.size(); ++id) {
      const Node& node = from_.node(id);
      if (node.op == Op::input) continue;
      if (node.op != Op::concat && node.op != Op::slice) {
        rewriter_.keep(id);
        continue;
      }
      rewriter_.build().at(node.place);
      rewriter_.replace({id, 0},
                        simplify_.add(node.op, rewriter_.mapped(node.operands), node.attributes));
    }
    Graph packed = rewriter_.finish();
    packed.parts.insert(packed.parts.end(), parts_.begin(), parts_.end());
    return packed;
  }

 private:
  // By position: a row stands where its first input did, the others move up.
  void place_inputs() {
    std::int64_t position = 0;
    for (const NodeId id : in_order(from_)) {
      const Row* row = row_of(id);
      if (row && row->front() != id) continue;
      if (row) {
        pack(*row, position++);
      } else {
        InputAttributes moved = input(from_, id);
        moved.position = position++;
        rewriter_.keep(id, moved);
      }
    }
  }

  const Row* row_of(NodeId id) const {
    for (const Row& row : rows_)
      if (std::ranges::find(row, id) != row.end()) return &row;
    return nullptr;
  }

  void pack(const Row& row, std::int64_t position) {
    const InputAttributes &first = input(from_, row.front()), &last = input(from_, row.back());
    const std::string name = fmt::format("{}..{}", first.name.text, last.name.text);
    Type type = from_.node(row.front()).types[0];
    type.shape = shape_of_sequence(type.shape, std::ssize(row));
    simplify_.build().at(from_.node(row.front()).place);
    const Value packed =
        simplify_.build().leaf(Op::input, InputAttributes{{name}, position, first.bound}, type);
    for (std::size_t t = 0; t < row.size(); ++t) {
      const auto step = static_cast<std::int64_t>(t);
      parts_.push_back({input(from_, row[t]).name.text, name, step});
      rewriter_.replace({row[t], 0},
                        simplify_.add(Op::slice, {packed}, SliceAttributes{1, step, 1, true}));
    }
  }

  const Graph& from_;
  Rewriter rewriter_;
  Simplifier simplify_;
  std::vector<Row> rows_;
  std::vector<InputPart> parts_;
};

}  // namespace

Graph pack_inputs(const Graph& graph) { return Packer(graph).run(); }

}  // namespace coil
