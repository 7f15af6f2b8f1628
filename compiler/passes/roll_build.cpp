#include "compiler/passes/roll_build.hpp"

#include <algorithm>

#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/simplifier.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil::rolling {
namespace {

// What a node of some step is to the scan.
struct Place {
  Value node;  // of the pattern
  std::size_t step = 0;
};
using Places = std::unordered_map<Value, Place, ValueHash>;

// The nodes that the scan computes. A first step with zeros is simpler than the pattern: only what is
// still recognisable counts, and what the step leaves.
Places places_of(const Graph& graph, NodeId original_size, const Recurrence& r) {
  Places places;
  const auto add = [&](Value node, std::size_t step) {
    const auto found = r.steps[step].find(node);
    if (found == r.steps[step].end() || found->second.node >= original_size) return;
    if (is_leaf(graph.node(found->second.node)) || as_element(graph, found->second)) return;
    places.emplace(found->second, Place{node, step});
  };
  for (std::size_t step = 0; step < r.steps.size(); ++step) {
    for (const Value out : r.pattern.outs)  // but for one that is only handed on
      if (!r.pattern.is_hole(out)) add(out, step);
    if (r.pattern.root) add(*r.pattern.root, step);
  }
  for (std::size_t step = 0; step < r.steps.size(); ++step)
    for (const Value node : r.pattern.body) {
      const auto found = r.steps[step].find(node);
      if (found != r.steps[step].end() &&
          graph.node(found->second.node).op == graph.node(node.node).op)
        add(node, step);
    }
  return places;
}

// What the pattern's nodes use that is neither of the step, nor a hole, nor a number.
std::vector<Value> captures_of(const Graph& graph, const Pattern& pattern) {
  const ValueSet body(pattern.body.begin(), pattern.body.end());
  std::vector<Value> captures;
  for (const Value node : pattern.body)
    for (const Value operand : graph.node(node.node).operands)
      if (!body.contains(operand) && !pattern.is_hole(operand) &&
          graph.node(operand.node).op != Op::constant &&
          std::ranges::find(captures, operand) == captures.end())
        captures.push_back(operand);
  return captures;
}

std::int64_t bound_of(const Graph& graph, Value value) {
  const Node& node = graph.node(value.node);
  if (const auto* input = std::get_if<InputAttributes>(&node.attributes)) return input->bound;
  std::int64_t bound = 0;
  for (const Value operand : node.operands) bound = std::max(bound, bound_of(graph, operand));
  return bound;
}

class ScanBuilder {
 public:
  ScanBuilder(const Graph& graph, NodeId original_size, const Recurrence& recurrence)
      : graph_(graph),
        original_size_(original_size),
        r_(recurrence),
        places_(places_of(graph, original_size, recurrence)),
        captures_(captures_of(graph, recurrence.pattern)),
        rewriter_(graph) {}

  std::optional<Graph> run() {
    find_needs();
    if (needs_itself()) return std::nullopt;
    find_yields();
    for (const NodeId id : leaves(graph_, Op::input))
      if (id < original_size_) rewriter_.keep(id);
    for (const Output& output : graph_.outputs) emit(output.value);
    // A leaf that an update names is needed though no node may use it.
    for (const auto& leaf : output_leaves(graph_))
      if (leaf) emit({*leaf, 0});
    return rewriter_.finish();
  }

 private:
  void find_needs() {
    for (const Value element : r_.pattern.elements)
      for (const Instance& step : r_.steps) needs_.push_back(step.at(element));
    for (const auto& first : r_.first_values)
      if (first) needs_.push_back(*first);
    needs_.insert(needs_.end(), captures_.begin(), captures_.end());
  }

  // Whether some operand of the scan is computed from a node that the scan is to compute.
  bool needs_itself() const {
    std::vector<bool> seen(graph_.size(), false);
    std::vector<Value> open = needs_;
    while (!open.empty()) {
      const Value value = open.back();
      open.pop_back();
      if (places_.contains(value)) return true;
      if (seen[value.node]) continue;
      seen[value.node] = true;
      const auto& operands = graph_.node(value.node).operands;
      open.insert(open.end(), operands.begin(), operands.end());
    }
    return false;
  }

  // The nodes of the pattern that something outside of the scan uses, at some step.
  void find_yields() {
    std::vector<bool> seen(graph_.size(), false);
    ValueSet wanted;
    std::vector<Value> open = needs_;
    for (const Output& output : graph_.outputs) open.push_back(output.value);
    while (!open.empty()) {
      const Value value = open.back();
      open.pop_back();
      if (const auto place = places_.find(value); place != places_.end()) {
        if (!is_left(place->second)) wanted.insert(place->second.node);
        continue;
      }
      if (seen[value.node]) continue;
      seen[value.node] = true;
      const auto& operands = graph_.node(value.node).operands;
      open.insert(open.end(), operands.begin(), operands.end());
    }
    yields_.assign(wanted.begin(), wanted.end());
    std::ranges::sort(yields_);
  }

  // Whether it is a carried value after the last step: a result of the scan by itself.
  bool is_left(const Place& place) const {
    return place.step + 1 == r_.steps.size() && carry_of(place.node).has_value();
  }
  std::optional<std::size_t> carry_of(Value node) const {
    const auto found = std::ranges::find(r_.pattern.outs, node);
    if (found == r_.pattern.outs.end()) return std::nullopt;
    return static_cast<std::size_t>(found - r_.pattern.outs.begin());
  }

  // Places a value and all it needs in the new graph, without recursion.
  void emit(Value root) {
    std::vector<std::pair<Value, bool>> stack{{root, false}};
    while (!stack.empty()) {
      const auto [value, ready] = stack.back();
      stack.pop_back();
      if (done_.contains(value)) continue;
      const bool is_of_scan = places_.contains(value);
      const std::vector<Value>& operands = is_of_scan ? needs_ : graph_.node(value.node).operands;
      if (!ready && !(is_of_scan && scan_)) {
        stack.push_back({value, true});
        for (const Value operand : operands) stack.push_back({operand, false});
        continue;
      }
      place(value, is_of_scan);
    }
  }

  void place(Value value, bool is_of_scan) {
    done_.insert(value);
    if (is_of_scan) {
      if (!scan_) scan_ = make_scan();
      rewriter_.replace(value, result_for(places_.at(value)));
    } else if (graph_.node(value.node).op != Op::input && kept_.insert(value.node).second) {
      rewriter_.keep(value.node);
    }
  }

  Value result_for(const Place& place) {
    const auto yield = std::ranges::find(yields_, place.node);
    if (is_left(place) && yield == yields_.end())
      return {*scan_, static_cast<std::uint32_t>(*carry_of(place.node))};
    require(yield != yields_.end(), "a value of a step is used and not yielded");
    const auto result = r_.pattern.outs.size() + static_cast<std::size_t>(yield - yields_.begin());
    return rewriter_.build().add(
        Op::slice, {{*scan_, static_cast<std::uint32_t>(result)}},
        SliceAttributes{1, static_cast<std::int64_t>(place.step), 1, true});
  }

  NodeId make_scan() {
    Simplifier simplify(rewriter_.build());
    simplify.build().at(graph_.node(r_.pattern.body.back().node).place);
    std::vector<Value> operands;
    for (const Value element : r_.pattern.elements) {
      std::vector<Value> row;
      for (const Instance& step : r_.steps) row.push_back(rewriter_.mapped(step.at(element)));
      operands.push_back(simplify.add(Op::concat, row, ConcatAttributes{1, true}));
    }
    for (std::size_t c = 0; c < r_.pattern.ins.size(); ++c) {
      const Shape shape = graph_.type(r_.pattern.ins[c]).shape;
      operands.push_back(r_.first_values[c] ? simplify.add(Op::broadcast_to,
                                                           {rewriter_.mapped(*r_.first_values[c])},
                                                           ShapeAttributes{shape})
                                            : simplify.constant(0, shape));
    }
    for (const Value capture : captures_) operands.push_back(rewriter_.mapped(capture));
    ScanAttributes scan;
    scan.steps = static_cast<std::int64_t>(r_.steps.size());
    scan.sequences = static_cast<std::int64_t>(r_.pattern.elements.size());
    scan.carries = static_cast<std::int64_t>(r_.pattern.ins.size());
    scan.body = make_body(body());
    return rewriter_.build().node(Op::scan, std::move(scan), operands);
  }

  Graph body() const {
    Graph body;
    Builder build(body);
    ValueMap built;
    std::int64_t position = 0;
    const auto add_inputs = [&](const std::vector<Value>& values, const char* name) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        const Type& type = graph_.type(values[i]);
        const std::int64_t bound = type.element == Element::index ? bound_of(graph_, values[i]) : 0;
        built[values[i]] = build.leaf(
            Op::input, InputAttributes{{name + std::to_string(i)}, position++, bound}, type);
      }
    };
    add_inputs(r_.pattern.elements, "x");
    add_inputs(r_.pattern.ins, "h");
    add_inputs(captures_, "w");
    for (const Value value : r_.pattern.body) {
      const Node& node = graph_.node(value.node);
      std::vector<Value> operands;
      for (const Value operand : node.operands) {
        const Node& given = graph_.node(operand.node);
        if (given.op == Op::constant && !built.contains(operand))
          built[operand] = build.leaf(given.op, given.attributes, given.types[0]);
        operands.push_back(built.at(operand));
      }
      build.at(node.place);
      built[value] = {build.node(node.op, node.attributes, operands), value.result};
    }
    for (const Value out : r_.pattern.outs)
      body.outputs.push_back({"h" + std::to_string(body.outputs.size()), built.at(out)});
    for (std::size_t i = 0; i < yields_.size(); ++i)
      body.outputs.push_back({"y" + std::to_string(i), built.at(yields_[i])});
    return body;
  }

  const Graph& graph_;
  NodeId original_size_;
  const Recurrence& r_;
  Places places_;
  std::vector<Value> captures_;
  Rewriter rewriter_;
  std::vector<Value> needs_;   // what the scan's operands are made of
  std::vector<Value> yields_;  // nodes of the pattern
  std::optional<NodeId> scan_;
  ValueSet done_;
  std::unordered_set<NodeId> kept_;
};

}  // namespace

std::optional<Graph> build_scan(const Graph& graph, NodeId original_size,
                                const Recurrence& recurrence) {
  return ScanBuilder(graph, original_size, recurrence).run();
}

}  // namespace coil::rolling
