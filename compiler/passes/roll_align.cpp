#include "compiler/passes/roll_align.hpp"

#include <algorithm>

namespace coil::rolling {
namespace {

std::optional<Value> next_input(const Graph& graph, Value before, Value last) {
  const auto& a = std::get<InputAttributes>(graph.node(before.node).attributes);
  const auto& b = std::get<InputAttributes>(graph.node(last.node).attributes);
  for (const NodeId id : leaves(graph, Op::input)) {
    const auto& input = std::get<InputAttributes>(graph.node(id).attributes);
    if (input.position != 2 * b.position - a.position || input.bound != b.bound) continue;
    if (graph.type({id, 0}) == graph.type(last)) return Value{id, 0};
  }
  return std::nullopt;
}

ValueSet to_set(const std::vector<Value>& values) { return {values.begin(), values.end()}; }

std::vector<Value> sorted(const ValueSet& values) {
  std::vector<Value> row(values.begin(), values.end());
  std::ranges::sort(row);
  return row;
}

class Alignment {
 public:
  Alignment(Simplifier& simplify, const Recurrence& found, const std::vector<bool>& late)
      : simplify_(simplify),
        found_(found),
        old_(found.pattern),
        late_(late),
        step_(to_set(old_.body)),
        elements_(to_set(old_.elements)),
        holes_(to_set(old_.ins)),
        built_from_(simplify.build().graph().size()) {}

  std::optional<Pattern> run() {
    if (!build_updates()) return std::nullopt;
    for (std::size_t c = 0; c < old_.ins.size(); ++c) {
      new_.ins.push_back(late_[c] ? old_.outs[c] : old_.ins[c]);
      new_.outs.push_back(late_[c] ? after_.at(old_.outs[c]) : old_.outs[c]);
    }
    new_.root = old_.root;
    ValueSet read;
    do {
      auto found = collect();
      if (!found) return std::nullopt;
      read = std::move(*found);
    } while (drop_unread(read));
    return new_;
  }

 private:
  const Graph& graph() const { return simplify_.build().graph(); }
  bool is_of_step(Value value) const { return step_.contains(value) || value.node >= built_from_; }

  // What the late carries' updates need of the step, operands before users.
  std::vector<Value> updates() const {
    ValueSet needed;
    for (std::size_t c = 0; c < old_.outs.size(); ++c)
      if (late_[c]) needed.insert(old_.outs[c]);
    for (auto node = old_.body.rbegin(); node != old_.body.rend(); ++node)
      if (needed.contains(*node))
        for (const Value operand : graph().node(node->node).operands)
          if (step_.contains(operand)) needed.insert(operand);
    return sorted(needed);
  }

  // The updates as the step after has them.
  bool build_updates() {
    const std::vector<Value> nodes = updates();
    for (std::size_t c = 0; c < old_.ins.size(); ++c) {
      if (!late_[c] && std::ranges::binary_search(nodes, old_.outs[c])) return false;
      after_[old_.ins[c]] = old_.outs[c];
    }
    for (const Value node : nodes) {
      const Node copy = graph().node(node.node);
      if (copy.types.size() != 1) return false;
      std::vector<Value> operands;
      for (const Value operand : copy.operands) {
        const auto next = after(operand);
        if (!next) return false;
        operands.push_back(*next);
      }
      simplify_.build().at(copy.place);
      after_[node] = simplify_.add(copy.op, operands, copy.attributes);
      step_.insert(after_[node]);
    }
    return true;
  }

  // What an operand is in the step after.
  std::optional<Value> after(Value operand) {
    if (const auto known = after_.find(operand); known != after_.end()) return known->second;
    if (!elements_.contains(operand)) return operand;
    const Instance& before = found_.steps[found_.steps.size() - 2];
    const auto next = next_element(simplify_, before.at(operand), operand);
    if (next) {
      after_[operand] = *next;
      elements_.insert(*next);
    }
    return next;
  }

  // Makes the body of what the outs are computed from, down to the holes, and tells which holes are read.
  // Nothing where one of them is a value that the late carries had.
  std::optional<ValueSet> collect() {
    const ValueSet ins = to_set(new_.ins), outs = to_set(new_.outs);
    ValueSet body, elements, read;
    std::vector<Value> open;
    for (const Value out : new_.outs)
      if (ins.contains(out))
        read.insert(out);  // handed on
      else
        open.push_back(out);
    if (new_.root) open.push_back(*new_.root);
    const auto look_below = [&](Value value) {
      if (!body.insert(value).second) return;
      for (const Value operand : graph().node(value.node).operands)
        if (ins.contains(operand))
          read.insert(operand);
        else
          open.push_back(operand);
    };
    while (!open.empty()) {
      const Value value = open.back();
      open.pop_back();
      if (ins.contains(value) || holes_.contains(value)) return std::nullopt;
      if (elements_.contains(value))
        elements.insert(value);
      else if (is_of_step(value))
        look_below(value);
      else if (outs.contains(value))
        return std::nullopt;
    }
    new_.body = sorted(body);
    new_.elements = sorted(elements);
    return read;
  }

  // A carry that no step reads goes. Whether there was one.
  bool drop_unread(const ValueSet& read) {
    for (std::size_t c = 0; c < new_.ins.size(); ++c) {
      if (read.contains(new_.ins[c])) continue;
      new_.ins.erase(new_.ins.begin() + static_cast<std::ptrdiff_t>(c));
      new_.outs.erase(new_.outs.begin() + static_cast<std::ptrdiff_t>(c));
      return true;
    }
    return false;
  }

  Simplifier& simplify_;
  const Recurrence& found_;
  const Pattern& old_;
  const std::vector<bool>& late_;
  ValueSet step_, elements_, holes_;  // of both patterns; holes that carried values, of the old one
  NodeId built_from_;
  ValueMap after_;  // from a value of the step to that of the step after
  Pattern new_;
};

}  // namespace

std::optional<Value> next_element(Simplifier& simplify, Value before, Value last) {
  const Graph& graph = simplify.build().graph();
  const auto a = as_element(graph, before), b = as_element(graph, last);
  if (!a || !b) return std::nullopt;
  if (a->index < 0 && b->index < 0) return next_input(graph, before, last);
  if (a->index < 0 || b->index < 0) return std::nullopt;
  const std::int64_t index = 2 * b->index - a->index;
  const Value sequence = b->sequence;
  if (index < 0 || index >= graph.type(sequence).shape.dims[1]) return std::nullopt;
  return simplify.add(Op::slice, {sequence}, SliceAttributes{1, index, 1, true});
}

std::optional<Pattern> renew_late(Simplifier& simplify, const Recurrence& found,
                                  const std::vector<bool>& late) {
  if (found.steps.size() < 2) return std::nullopt;
  return Alignment(simplify, found, late).run();
}

}  // namespace coil::rolling
