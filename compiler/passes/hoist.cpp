#include "compiler/passes/hoist.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/along_sequences.hpp"
#include "compiler/passes/hoist_needs.hpp"
#include "compiler/passes/in_bodies.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

// Takes one scan apart.
class Fission {
 public:
  // `operands` are those of the scan, in the graph that is being built.
  Fission(const Node& node, std::vector<Value> operands, Simplifier& to)
      : node_(node),
        scan_(std::get<ScanAttributes>(node.attributes)),
        body_(*scan_.body.graph),
        needs_(body_, scan_),
        operands_(std::move(operands)),
        to_(to) {}

  bool is_possible() const {
    if (scan_.reverse || needs_.has_rotation()) return false;
    for (NodeId id = 0; id < body_.size(); ++id) {
      const Node& node = body_.node(id);
      if (is_leaf(node) || !needs_.varies(id) || needs_.inside(id)) continue;
      std::vector<bool> varies;
      for (const Value operand : node.operands) varies.push_back(needs_.varies(operand.node));
      if (!works_along(node, varies)) return false;
    }
    return true;
  }

  // What stands for each result of the scan.
  std::vector<Value> run(const std::vector<bool>& is_used) {
    for (std::size_t i = 0; i < body_.outputs.size(); ++i)
      if (is_used[i]) demand_result(i);
    std::vector<Value> results(body_.outputs.size());
    for (std::size_t i = 0; i < body_.outputs.size(); ++i)
      if (is_used[i]) results[i] = i < carries() ? last_of(i) : sequence_of(body_.outputs[i].value);
    return results;
  }

 private:
  std::size_t carries() const { return static_cast<std::size_t>(scan_.carries); }
  Value update(std::size_t carry) const { return body_.outputs[carry].value; }

  // The last value of a carry is a result of its scan by itself.
  void demand_result(std::size_t i) {
    const bool is_last = i < carries() && needs_.is_recurrent(needs_.knot_of(i));
    if (is_last)
      demand_knot(needs_.knot_of(i));
    else
      demand(body_.outputs[i].value.node);
  }

  // Marks what the scans to come have to yield so that the node can be computed outside of them.
  void demand(NodeId id) {
    if (!demanded_.insert(id).second || !needs_.varies(id)) return;
    if (const auto c = needs_.carry(id)) return demand(update(*c).node);
    if (const auto knot = needs_.inside(id)) {
      yields_[*knot].insert(id);
      return demand_knot(*knot);
    }
    for (const Value operand : body_.node(id).operands) demand(operand.node);
  }

  void demand_knot(std::size_t knot) {
    if (!demanded_knots_.insert(knot).second) return;
    for (NodeId id = 0; id < body_.size(); ++id) {
      if (needs_.inside(id) != knot) continue;
      for (const Value operand : body_.node(id).operands)
        if (!is_of_knot(operand.node, knot)) demand(operand.node);
    }
  }

  bool is_of_knot(NodeId id, std::size_t knot) const {
    if (const auto c = needs_.carry(id))
      return needs_.knot_of(*c) == knot && needs_.is_recurrent(knot);
    return needs_.inside(id) == knot;
  }

  // ---- values outside

  Along outside(Value value) {
    const auto known = outside_.find(value.node);
    if (known != outside_.end()) return known->second;
    const Along found = make_outside(value.node);
    outside_[value.node] = found;
    return found;
  }

  Along make_outside(NodeId id) {
    const Node& node = body_.node(id);
    to_.build().at(node.place);
    if (const auto s = needs_.sequence(id)) return {operands_[*s], true};
    if (const auto capture = needs_.capture(id)) return {operands_[*capture], false};
    if (const auto c = needs_.carry(id)) return {incoming(*c), true};
    if (const auto knot = needs_.inside(id)) return {yielded(*knot, id), true};
    if (node.op == Op::constant) return {to_.build().leaf(node.op, node.attributes, node.types[0])};
    std::vector<Along> operands;
    for (const Value operand : node.operands) operands.push_back(outside(operand));
    to_.build().at(node.place);
    if (needs_.varies(id)) return {add_along(to_, node, operands, scan_.steps), true};
    std::vector<Value> values;
    for (const Along& operand : operands) values.push_back(operand.value);
    return {to_.add(node.op, values, node.attributes), false};
  }

  Value sequence_of(Value value) { return as_sequence(to_, outside(value), scan_.steps); }

  // What each step is given by the one before: the first value, then all updates but the last.
  Value incoming(std::size_t carry) {
    const Value first = operands_[static_cast<std::size_t>(scan_.sequences) + carry];
    const Value stacked = to_.add(Op::concat, {first}, ConcatAttributes{1, true});
    if (scan_.steps == 1) return stacked;
    const Value updates = sequence_of(update(carry));
    const Value but_last = to_.add(Op::slice, {updates}, SliceAttributes{1, 0, scan_.steps - 1});
    return to_.add(Op::concat, {stacked, but_last}, ConcatAttributes{1, false});
  }

  Value last_of(std::size_t carry) {
    const std::size_t knot = needs_.knot_of(carry);
    if (needs_.is_recurrent(knot)) {
      emit(knot);
      return finals_.at(carry);
    }
    const Along updates = outside(update(carry));
    if (!updates.is_sequence) return updates.value;
    return to_.add(Op::slice, {updates.value}, SliceAttributes{1, scan_.steps - 1, 1, true});
  }

  Value yielded(std::size_t knot, NodeId id) {
    emit(knot);
    return yielded_.at(id);
  }

  // ---- the scan of a knot

  void emit(std::size_t knot) {
    if (!emitted_.insert(knot).second) return;
    std::vector<std::size_t> carried;
    for (std::size_t c = 0; c < carries(); ++c)
      if (needs_.knot_of(c) == knot) carried.push_back(c);
    collect_givens(knot);
    const std::vector<NodeId> yields(yields_[knot].begin(), yields_[knot].end());
    ScanAttributes scan;
    scan.steps = scan_.steps;
    scan.carries = static_cast<std::int64_t>(carried.size());
    std::vector<Value> operands, captures;
    for (const Along& given : givens_[knot].order)
      (given.is_sequence ? operands : captures).push_back(given.value);
    scan.sequences = static_cast<std::int64_t>(operands.size());
    for (const std::size_t c : carried)
      operands.push_back(operands_[static_cast<std::size_t>(scan_.sequences) + c]);
    operands.insert(operands.end(), captures.begin(), captures.end());
    scan.body = make_body(inner_body(knot, carried, yields));
    to_.build().at(node_.place);
    const NodeId id = to_.build().node(Op::scan, std::move(scan), operands);
    for (std::size_t i = 0; i < carried.size(); ++i)
      finals_[carried[i]] = {id, static_cast<std::uint32_t>(i)};
    for (std::size_t i = 0; i < yields.size(); ++i)
      yielded_[yields[i]] = {id, static_cast<std::uint32_t>(carried.size() + i)};
  }

  // What the nodes inside use from outside. Operands of one sum are given as their sum.
  struct Given {
    std::vector<Along> order;                          // each once
    std::map<std::vector<NodeId>, std::size_t> index;  // by the old nodes that it is made of
  };

  bool is_constant(Value value) const { return body_.node(value.node).op == Op::constant; }

  // The operands of a node inside that come from outside, in groups that are given as one. Numbers stay
  // inside, but where they go with a group.
  std::vector<std::vector<Value>> groups(const Node& node, std::size_t knot) const {
    std::vector<Value> from_outside;
    bool varies = false;
    for (const Value operand : node.operands) {
      if (is_of_knot(operand.node, knot)) continue;
      from_outside.push_back(operand);
      varies = varies || needs_.varies(operand.node);
    }
    const bool commutes = is_commutative(node.op);
    if (commutes && varies && from_outside.size() > 1) return {from_outside};
    std::vector<std::vector<Value>> single;
    for (const Value operand : from_outside)
      if (!is_constant(operand)) single.push_back({operand});
    return single;
  }

  bool gives_a_group(const Node& node, std::size_t knot) const {
    const auto all = groups(node, knot);
    return all.size() == 1 && all[0].size() > 1;
  }

  Value constant_in(Builder& build, Value constant) const {
    const Node& node = body_.node(constant.node);
    return build.leaf(node.op, node.attributes, node.types[0]);
  }

  static std::vector<NodeId> key(const std::vector<Value>& group, Op op) {
    std::vector<NodeId> ids;
    for (const Value value : group) ids.push_back(value.node);
    if (ids.size() > 1) ids.push_back(static_cast<NodeId>(op));
    return ids;
  }

  void collect_givens(std::size_t knot) {
    for (NodeId id = 0; id < body_.size(); ++id) {
      const Node& node = body_.node(id);
      if (needs_.inside(id) != knot) continue;
      for (const auto& group : groups(node, knot)) {
        const Along given = combined(node, group);
        Given& known = givens_[knot];
        if (known.index.emplace(key(group, node.op), known.order.size()).second)
          known.order.push_back(given);
      }
    }
  }

  Along combined(const Node& node, const std::vector<Value>& group) {
    std::vector<Along> parts;
    for (const Value value : group) parts.push_back(outside(value));
    if (group.size() == 1) return parts[0];
    Node sum{node.op, node.attributes, {}, {}, node.place};
    Shape shape = body_.type(group[0]).shape;
    for (const Value value : group) shape = *broadcast(shape, body_.type(value).shape);
    sum.types = {{Element::real, shape}};
    to_.build().at(node.place);
    return {add_along(to_, sum, parts, scan_.steps), true};
  }

  Graph inner_body(std::size_t knot, const std::vector<std::size_t>& carried,
                   const std::vector<NodeId>& yields) {
    Graph graph;
    Builder build(graph);
    Simplifier simplify(build);
    const Given& given = givens_[knot];
    std::vector<Value> inputs = add_inputs(build, given, carried);
    std::map<NodeId, Value> placed;
    for (std::size_t i = 0; i < carried.size(); ++i) {
      for (NodeId id = 0; id < body_.size(); ++id)
        if (needs_.carry(id) == carried[i]) placed[id] = inputs[given.order.size() + i];
    }
    for (NodeId id = 0; id < body_.size(); ++id) {
      const Node& node = body_.node(id);
      if (needs_.inside(id) != knot) continue;
      std::vector<Value> operands;
      if (is_commutative(node.op)) {
        for (const auto& group : groups(node, knot))
          operands.push_back(inputs[given.index.at(key(group, node.op))]);
        const bool grouped = gives_a_group(node, knot);
        for (const Value operand : node.operands)
          if (is_of_knot(operand.node, knot))
            operands.push_back(placed.at(operand.node));
          else if (is_constant(operand) && !grouped)
            operands.push_back(constant_in(build, operand));
      } else {
        for (const Value operand : node.operands)
          operands.push_back(is_of_knot(operand.node, knot) ? placed.at(operand.node)
                             : is_constant(operand)
                                 ? constant_in(build, operand)
                                 : inputs[given.index.at(key({operand}, node.op))]);
      }
      build.at(node.place);
      placed[id] = simplify.add(node.op, operands, node.attributes);
    }
    for (std::size_t i = 0; i < carried.size(); ++i)
      graph.outputs.push_back({"h" + std::to_string(i), placed.at(update(carried[i]).node)});
    for (std::size_t i = 0; i < yields.size(); ++i)
      graph.outputs.push_back({"y" + std::to_string(i), placed.at(yields[i])});
    return graph;
  }

  // One input for each given value (in its order), then one a carried value. Positions: sequences, carried
  // values, captures.
  std::vector<Value> add_inputs(Builder& build, const Given& given,
                                const std::vector<std::size_t>& carried) {
    std::vector<Value> inputs;
    const auto sequences = std::ranges::count_if(given.order, &Along::is_sequence);
    std::int64_t sequence = 0, capture = sequences + static_cast<std::int64_t>(carried.size());
    for (const Along& one : given.order) {
      Type type = to_.type(one.value);
      if (one.is_sequence) type.shape = shape_of_element(type.shape);
      const std::int64_t position = one.is_sequence ? sequence++ : capture++;
      const std::string name = (one.is_sequence ? "x" : "w") + std::to_string(position);
      inputs.push_back(build.leaf(Op::input, InputAttributes{{name}, position, 0}, type));
    }
    for (std::size_t i = 0; i < carried.size(); ++i) {
      const Type type = to_.type(operands_[static_cast<std::size_t>(scan_.sequences) + carried[i]]);
      const std::int64_t position = sequences + static_cast<std::int64_t>(i);
      inputs.push_back(
          build.leaf(Op::input, InputAttributes{{"h" + std::to_string(i)}, position, 0}, type));
    }
    return inputs;
  }

  const Node& node_;
  const ScanAttributes& scan_;
  const Graph& body_;
  BodyNeeds needs_;
  std::vector<Value> operands_;
  Simplifier& to_;
  std::set<NodeId> demanded_;
  std::set<std::size_t> demanded_knots_, emitted_;
  std::map<std::size_t, std::set<NodeId>> yields_;  // by knot
  std::map<std::size_t, Given> givens_;             // by knot
  std::map<NodeId, Along> outside_;
  std::map<std::size_t, Value> finals_;  // by carry
  std::map<NodeId, Value> yielded_;
};

std::vector<std::vector<bool>> used_results(const Graph& graph) {
  std::vector<std::vector<bool>> used(graph.size());
  for (NodeId id = 0; id < graph.size(); ++id) used[id].resize(graph.node(id).types.size());
  for (const Node& node : graph.nodes())
    for (const Value operand : node.operands) used[operand.node][operand.result] = true;
  for (const Output& output : graph.outputs) used[output.value.node][output.value.result] = true;
  return used;
}

}  // namespace

Graph hoist(const Graph& graph) {
  Rewriter rewriter(graph);
  Simplifier simplify(rewriter.build());
  const auto used = used_results(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (node.op != Op::scan) {
      rewriter.keep(id);
      continue;
    }
    Fission fission(node, rewriter.mapped(node.operands), simplify);
    if (!fission.is_possible()) {
      rewriter.keep(id);
      continue;
    }
    const std::vector<Value> results = fission.run(used[id]);
    for (std::uint32_t i = 0; i < results.size(); ++i)
      if (used[id][i]) rewriter.replace({id, i}, results[i]);
  }
  return rewriter.finish();
}

}  // namespace coil
