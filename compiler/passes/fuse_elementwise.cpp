#include "compiler/passes/fuse_elementwise.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <queue>
#include <set>

#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/clusters.hpp"
#include "compiler/passes/columns.hpp"

namespace coil {
namespace {

// The body of one cluster, and what it takes and gives.
class ExpressionBody {
 public:
  ExpressionBody(const Graph& graph, const std::vector<bool>& is_read_by_row,
                 const std::vector<NodeId>& members, const std::vector<NodeId>& results)
      : graph_(graph),
        is_read_by_row_(is_read_by_row),
        space_(graph.node(members[0]).types[0]),
        build_(body_) {
    for (const NodeId id : members) place(id);
    for (const NodeId id : results) give(id);
  }

  const std::vector<Value>& operands() const { return operands_; }
  FusedElementwiseAttributes attributes() { return {make_body(std::move(body_))}; }

 private:
  // Members stand in the graph's order: operands that are members have been placed.
  void place(NodeId id) {
    const Node& node = graph_.node(id);
    build_.at(node.place);
    std::vector<Value> operands;
    for (const Value operand : node.operands) operands.push_back(value_of(operand));
    placed_[{id, 0}] = build_.add(node.op, std::move(operands), node.attributes);
  }

  Value value_of(Value outer) {
    const auto known = placed_.find(outer);
    if (known != placed_.end()) return known->second;
    const Node& node = graph_.node(outer.node);
    Value inner;
    if (const auto* number = std::get_if<ConstantAttributes>(&node.attributes))
      inner = build_.constant(number->value, node.types[0].shape);
    else if (const auto* slice = as_columns(node); slice && graph_.type(outer) == space_)
      inner = build_.add(Op::slice, {input(node.operands[0])}, *slice);
    else if (is_read_by_row_[outer.node])
      inner = rows(node);
    else
      inner = input(outer);
    placed_.emplace(outer, inner);
    return inner;
  }

  // Of a table, looked up where they lie. The body counts on no more rows than each table has that an index is for.
  Value rows(const Node& gather) {
    const Value table = gather.operands[0], index = gather.operands[1];
    return build_.add(Op::gather, {input(table), input(index, fewest_rows(index))});
  }

  std::int64_t fewest_rows(Value index) const {
    std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
    for (const Node& node : graph_.nodes())
      if (node.op == Op::gather && node.operands[1] == index)
        fewest = std::min(fewest, graph_.type(node.operands[0]).shape.dims[0]);
    return fewest;
  }

  Value input(Value outer, std::int64_t bound = 0) {
    const auto [known, is_new] = inputs_.emplace(outer, Value{});
    if (is_new) {
      const auto position = std::ssize(operands_);
      known->second =
          build_.leaf(Op::input, InputAttributes{{fmt::format("x{}", position)}, position, bound},
                      graph_.type(outer));
      operands_.push_back(outer);
    }
    return known->second;
  }

  void give(NodeId id) {
    const auto known = placed_.find({id, 0});
    Value result;
    if (known != placed_.end()) {
      result = known->second;
    } else {  // side by side
      const Node& node = graph_.node(id);
      build_.at(node.place);
      std::vector<Value> parts;
      for (const Value operand : node.operands) parts.push_back(value_of(operand));
      result = build_.add(Op::concat, std::move(parts), node.attributes);
    }
    body_.outputs.push_back({fmt::format("y{}", body_.outputs.size()), result, OutputKind::result});
  }

  const Graph& graph_;
  const std::vector<bool>& is_read_by_row_;
  Type space_;  // of all members
  Graph body_;
  Builder build_;
  std::map<Value, Value> placed_;  // of the graph, in the body
  std::map<Value, Value> inputs_;
  std::vector<Value> operands_;
};

class ElementwiseFuser {
 public:
  explicit ElementwiseFuser(const Graph& graph)
      : from_(graph), rewriter_(graph), clusters_(find_clusters(graph)) {
    find_joined();
    find_results();
  }

  // Clusters stand where all they take is there: nodes are taken in the graph's order, as soon as they can be.
  Graph run() {
    std::vector<std::size_t> open(units(), 0);
    std::vector<std::vector<std::size_t>> users(units());
    for (std::size_t unit = 0; unit < units(); ++unit)
      for (const std::size_t needed : needs(unit)) {
        users[needed].push_back(unit);
        ++open[unit];
      }
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t unit = 0; unit < units(); ++unit)
      if (is_unit(unit) && open[unit] == 0) ready.push(unit);
    while (!ready.empty()) {
      const std::size_t unit = ready.top();
      ready.pop();
      place(unit);
      for (const std::size_t user : users[unit])
        if (--open[user] == 0) ready.push(user);
    }
    return rewriter_.finish();
  }

 private:
  // A unit is a node by itself, or a cluster by its first member.
  std::size_t units() const { return from_.size(); }
  std::size_t cluster_of(NodeId id) const { return clusters_.of[id]; }
  std::size_t unit_of(NodeId id) const {
    const std::size_t cluster = cluster_of(id);
    return cluster == Clusters::none ? id : clusters_.members[cluster][0];
  }
  bool is_unit(std::size_t id) const { return unit_of(static_cast<NodeId>(id)) == id; }

  std::set<std::size_t> needs(std::size_t unit) const {
    std::set<std::size_t> needed;
    if (!is_unit(unit)) return needed;
    const auto add = [&](NodeId id) {
      for (const Value operand : from_.node(id).operands)
        if (unit_of(operand.node) != unit) needed.insert(unit_of(operand.node));
    };
    const std::size_t cluster = cluster_of(static_cast<NodeId>(unit));
    if (cluster == Clusters::none)
      add(static_cast<NodeId>(unit));
    else
      for (const NodeId id : clusters_.members[cluster]) add(id);
    return needed;
  }

  // Concats that only put results of one cluster (and constants) side by side become results of it.
  void find_joined() {
    for (NodeId id = 0; id < from_.size(); ++id) {
      if (!is_side_by_side(from_.node(id))) continue;
      std::size_t cluster = Clusters::none;
      bool is_joined = true;
      for (const Value operand : from_.node(id).operands) {
        const Op op = from_.node(operand.node).op;
        is_joined = is_joined && from_.type(operand) == from_.type(from_.node(id).operands[0]);
        if (op == Op::constant) continue;
        const std::size_t own = is_elementwise(op) ? cluster_of(operand.node) : Clusters::none;
        is_joined =
            is_joined && own != Clusters::none && (cluster == Clusters::none || own == cluster);
        cluster = own;
      }
      if (is_joined && cluster != Clusters::none) {
        clusters_.of[id] = cluster;
        clusters_.members[cluster].push_back(id);
      }
    }
  }

  // What of each cluster is used outside.
  void find_results() {
    std::vector<bool> used(from_.size(), false);
    for (const Output& output : from_.outputs) used[output.value.node] = true;
    for (NodeId id = 0; id < from_.size(); ++id)
      for (const Value operand : from_.node(id).operands)
        if (cluster_of(operand.node) != cluster_of(id)) used[operand.node] = true;
    for (const auto& members : clusters_.members) {
      auto& results = results_.emplace_back();
      for (const NodeId id : members)
        if (used[id]) results.push_back(id);
    }
  }

  void place(std::size_t unit) {
    const auto id = static_cast<NodeId>(unit);
    const std::size_t cluster = cluster_of(id);
    if (cluster == Clusters::none) {
      rewriter_.keep(id);
      return;
    }
    const std::vector<NodeId>& results = results_[cluster];
    if (results.empty()) return;  // nobody uses it
    std::vector<NodeId> members = clusters_.members[cluster];
    std::erase_if(members, [&](NodeId member) { return is_side_by_side(from_.node(member)); });
    ExpressionBody expression(from_, clusters_.is_read_by_row, members, results);
    rewriter_.build().at(from_.node(results.back()).place);
    const std::vector<Value> operands = rewriter_.mapped(expression.operands());
    const NodeId fused =
        rewriter_.build().node(Op::fused_elementwise, expression.attributes(), operands);
    for (std::uint32_t i = 0; i < results.size(); ++i)
      rewriter_.replace({results[i], 0}, {fused, i});
  }

  const Graph& from_;
  Rewriter rewriter_;
  Clusters clusters_;
  std::vector<std::vector<NodeId>> results_;  // by cluster
};

}  // namespace

Graph fuse_elementwise(const Graph& graph) { return ElementwiseFuser(graph).run(); }

}  // namespace coil
