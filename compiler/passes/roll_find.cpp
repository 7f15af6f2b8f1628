#include "compiler/passes/roll_find.hpp"

#include <algorithm>

#include "compiler/graph/op_record.hpp"
#include "compiler/graph/op_traits.hpp"

namespace coil::rolling {
namespace {

// Pairs the nodes of two steps. A node that is both of the later step's and the other one's partner was
// carried over: whatever stands there in the later step came from the step before.
class AntiUnifier : public Relation {
 public:
  AntiUnifier(const Graph& graph, Signatures& signatures, ValueSet carried)
      : Relation(graph, signatures), carried_(std::move(carried)) {}

  const ValueSet& carry_holes() const { return carry_holes_; }
  const ValueSet& element_holes() const { return element_holes_; }
  std::optional<Value> successor(Value value) const {
    const auto found = successors_.find(value);
    return found == successors_.end() ? std::nullopt : std::optional(found->second);
  }
  bool is_in_step(Value value) const {
    return related().contains(value) && !carry_holes_.contains(value) &&
           !element_holes_.contains(value);
  }

 private:
  Verdict judge(Value a, Value b) override {
    if (a == b && !successors_.contains(a)) return Verdict::yes;
    if (const auto known = related().find(a); known != related().end())
      return known->second == b ? Verdict::yes : Verdict::no;
    if (carried_.contains(a) || successors_.contains(a)) {
      if (!fits(a, b)) return Verdict::no;
      carry_holes_.insert(a);
      bind(a, b);
      // Where b is read as well, it was handed on: the step before left it, and that one's step before.
      if (!is_leaf(graph_.node(b.node))) successors_.emplace(b, a);
      return Verdict::yes;
    }
    if (are_elements_alike(graph_, a, b)) {
      element_holes_.insert(a);
      bind(a, b);
      return Verdict::yes;
    }
    bind(a, b);
    successors_.emplace(b, a);
    return Verdict::look_below;
  }

  void unbind(Value a, Value b) override {
    carry_holes_.erase(a);
    element_holes_.erase(a);
    const auto found = successors_.find(b);
    if (found != successors_.end() && found->second == a) successors_.erase(found);
  }

  // A carried value keeps its type; the first one may be repeated up to it.
  bool fits(Value a, Value b) const {
    const Type &carried = graph_.type(a), &before = graph_.type(b);
    return carried.element == before.element && carried.shape.is_batched() &&
           broadcasts_to(before.shape, carried.shape);
  }

  ValueSet carried_;  // known to be carried from an earlier attempt
  ValueSet carry_holes_, element_holes_;
  ValueMap successors_;  // from a node of the earlier step to its partner
};

// Nodes taken for part of the step that turned out to be what the step before left.
ValueSet late_carries(const AntiUnifier& found) {
  ValueSet late;
  for (const auto& [a, b] : found.related())
    if (found.is_in_step(a) && found.successor(a)) late.insert(a);
  return late;
}

// Whether a sum of sums (or a product of products) has one of those nodes among its terms.
bool reaches(const Graph& graph, Value sum, const ValueMap& nodes) {
  const Node& node = graph.node(sum.node);
  return std::ranges::any_of(node.operands, [&](Value operand) {
    if (nodes.contains(operand)) return true;
    return graph.node(operand.node).op == node.op && reaches(graph, operand, nodes);
  });
}

// Inner sums (and products) that were opened to find the partners of their operands have no partner
// themselves; they are of the step all the same.
void add_opened(const Graph& graph, const AntiUnifier& found, Pattern& pattern) {
  ValueSet known(pattern.body.begin(), pattern.body.end());
  const auto is_of_step = [&](Value operand) {
    return known.contains(operand) || found.related().contains(operand);
  };
  for (std::size_t i = 0; i < pattern.body.size(); ++i) {
    const Node& node = graph.node(pattern.body[i].node);
    if (record(node.op).trait.value != Trait::commutative) continue;
    for (const Value inner : node.operands) {
      if (graph.node(inner.node).op != node.op || is_of_step(inner)) continue;
      if (reaches(graph, inner, found.related()) && known.insert(inner).second)
        pattern.body.push_back(inner);
    }
  }
}

std::optional<Pattern> to_pattern(const Graph& graph, const AntiUnifier& found, const Seed& seed) {
  Pattern pattern;
  for (const Value hole : found.carry_holes()) pattern.ins.push_back(hole);
  std::ranges::sort(pattern.ins);
  for (const Value hole : pattern.ins) {
    const auto out = found.successor(hole);
    if (!out || !found.related().contains(*out)) return std::nullopt;
    pattern.outs.push_back(*out);
  }
  for (const auto& [a, b] : found.related()) {
    if (found.element_holes().contains(a)) pattern.elements.push_back(a);
    if (found.is_in_step(a)) pattern.body.push_back(a);
  }
  add_opened(graph, found, pattern);
  std::ranges::sort(pattern.elements);
  std::ranges::sort(pattern.body);
  if (!found.is_in_step(seed.last)) return std::nullopt;
  if (!seed.collected.empty()) pattern.root = seed.last;
  const bool leaves_seed = std::ranges::find(pattern.outs, seed.last) != pattern.outs.end();
  if (seed.collected.empty() && !leaves_seed) return std::nullopt;
  if (pattern.ins.empty() && pattern.elements.empty()) return std::nullopt;
  return pattern;
}

}  // namespace

bool Pattern::is_hole(Value value) const {
  return std::ranges::find(ins, value) != ins.end() ||
         std::ranges::find(elements, value) != elements.end();
}

std::optional<SequenceElement> as_element(const Graph& graph, Value value) {
  const Node& node = graph.node(value.node);
  if (node.op == Op::input) return SequenceElement{value, -1};
  const auto* slice = std::get_if<SliceAttributes>(&node.attributes);
  if (!slice || !slice->drop || slice->axis != 1) return std::nullopt;
  if (!graph.type(node.operands[0]).shape.is_batched()) return std::nullopt;
  return SequenceElement{node.operands[0], slice->begin};
}

bool are_elements_alike(const Graph& graph, Value a, Value b) {
  const auto x = as_element(graph, a), y = as_element(graph, b);
  if (!x || !y || graph.type(a) != graph.type(b)) return false;
  if (x->index >= 0 && y->index >= 0) return x->sequence == y->sequence;
  if (x->index >= 0 || y->index >= 0) return false;
  return std::get<InputAttributes>(graph.node(a.node).attributes).bound ==
         std::get<InputAttributes>(graph.node(b.node).attributes).bound;
}

namespace {

std::optional<Pattern> anti_unify_with(const Graph& graph, Signatures& signatures, const Seed& seed,
                                       ValueSet carried, std::optional<Mismatch>& mismatch) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    AntiUnifier found(graph, signatures, carried);
    if (!found.relate(seed.last, seed.before)) {
      mismatch = found.mismatch();
      return std::nullopt;
    }
    const ValueSet late = late_carries(found);
    if (late.empty()) return to_pattern(graph, found, seed);
    carried.insert(late.begin(), late.end());
  }
  return std::nullopt;
}

}  // namespace

std::optional<Pattern> anti_unify(const Graph& graph, Signatures& signatures, const Seed& seed,
                                  std::optional<Mismatch>& mismatch) {
  if (auto pattern = anti_unify_with(graph, signatures, seed, {}, mismatch)) return pattern;
  if (seed.earlier.empty()) return std::nullopt;
  // A step that reads what the step before the last left would be followed down to the first one.
  ValueSet carried(seed.earlier.begin(), seed.earlier.end());
  carried.insert(seed.before);
  std::optional<Mismatch> other;
  return anti_unify_with(graph, signatures, seed, std::move(carried), other);
}

}  // namespace coil::rolling
