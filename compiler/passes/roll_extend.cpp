#include <algorithm>
#include <bit>

#include "compiler/passes/roll_align.hpp"
#include "compiler/passes/roll_find.hpp"

namespace coil::rolling {
namespace {

// One node, or one number in whatever shape: a carried number is spread out only where it has to be.
bool are_equal(const Graph& graph, Value a, Value b) {
  if (a == b) return true;
  const auto* x = std::get_if<ConstantAttributes>(&graph.node(a.node).attributes);
  const auto* y = std::get_if<ConstantAttributes>(&graph.node(b.node).attributes);
  return x && y && x->value == y->value;
}

// Finds in the graph what a pattern says, given what its outs are.
class Matcher : public Relation {
 public:
  Matcher(const Graph& graph, Signatures& signatures, const Pattern& pattern)
      : Relation(graph, signatures), body_(pattern.body.begin(), pattern.body.end()) {
    for (std::size_t c = 0; c < pattern.ins.size(); ++c) carries_.insert(pattern.ins[c]);
    elements_.insert(pattern.elements.begin(), pattern.elements.end());
  }

 private:
  Verdict judge(Value a, Value b) override {
    if (const auto known = related().find(a); known != related().end()) {
      if (are_equal(graph_, known->second, b)) return Verdict::yes;
      blame(a, b);
      return Verdict::no;
    }
    if (carries_.contains(a) && fits(a, b)) {
      bind(a, b);
      return Verdict::yes;
    }
    if (elements_.contains(a) && is_element(a, b)) {
      bind(a, b);
      return Verdict::yes;
    }
    if (!body_.contains(a)) {
      if (a == b) return Verdict::yes;
      blame(a, b);
      return Verdict::no;
    }
    bind(a, b);
    return Verdict::look_below;
  }

  bool fits(Value a, Value b) const {
    const Type &carried = graph_.type(a), &before = graph_.type(b);
    return carried.element == before.element && broadcasts_to(before.shape, carried.shape);
  }
  bool is_element(Value a, Value b) const {
    // A placeholder of `first_step` stands for any element.
    return graph_.type(a) == graph_.type(b) && as_element(graph_, b).has_value();
  }

  ValueSet body_, carries_, elements_;
};

std::vector<Value> targets_of(const Pattern& pattern, const Instance& later) {
  std::vector<Value> targets;
  for (const Value in : pattern.ins) targets.push_back(later.at(in));
  return targets;
}

// The pattern with some of its carried values zero, built into the graph; the other holes are placeholders.
struct FirstStep {
  Pattern pattern;          // of the nodes built
  ValueMap from;            // from the pattern's nodes to those built
  std::vector<bool> zeros;  // by carry
};

Value placeholder(Simplifier& simplify, const Type& type, std::size_t i) {
  return simplify.build().leaf(Op::input, InputAttributes{{"(hole) " + std::to_string(i)}, 0, 0},
                               type);
}

// What of the values and of what they are computed from is no node of the text: built now, or for another
// pattern before.
std::vector<Value> built_for(const Graph& graph, const ValueMap& values, NodeId original_size) {
  std::vector<Value> open, built;
  ValueSet seen;
  for (const auto& [node, value] : values) open.push_back(value);
  while (!open.empty()) {
    const Value value = open.back();
    open.pop_back();
    if (value.node < original_size || !seen.insert(value).second) continue;
    built.push_back(value);
    const auto& operands = graph.node(value.node).operands;
    open.insert(open.end(), operands.begin(), operands.end());
  }
  return built;
}

FirstStep first_step(Simplifier& simplify, const Pattern& pattern, std::size_t mask,
                     NodeId original_size) {
  const Graph& graph = simplify.build().graph();
  FirstStep first;
  for (std::size_t c = 0; c < pattern.ins.size(); ++c) {
    const Type type = graph.type(pattern.ins[c]);
    first.zeros.push_back((mask >> c & 1) != 0);
    const Value stand_in =
        first.zeros[c] ? simplify.constant(0, type.shape) : placeholder(simplify, type, c);
    if (!first.zeros[c]) first.pattern.ins.push_back(stand_in);
    first.from[pattern.ins[c]] = stand_in;
  }
  for (std::size_t e = 0; e < pattern.elements.size(); ++e) {
    const Type type = graph.type(pattern.elements[e]);
    const Value stand_in = placeholder(simplify, type, pattern.ins.size() + e);
    first.pattern.elements.push_back(stand_in);
    first.from[pattern.elements[e]] = stand_in;
  }
  for (const Value node : pattern.body) {
    const Node copy = graph.node(node.node);
    std::vector<Value> operands;
    for (const Value operand : copy.operands) {
      const auto built = first.from.find(operand);
      operands.push_back(built == first.from.end() ? operand : built->second);
    }
    first.from[node] =
        copy.types.size() == 1
            ? simplify.add(copy.op, operands, copy.attributes)
            : Value{simplify.build().node(copy.op, copy.attributes, operands), node.result};
  }
  first.pattern.body = built_for(graph, first.from, original_size);
  return first;
}

// Later steps come first here, while a recurrence is being followed back.
class Extension {
 public:
  Extension(Simplifier& simplify, Signatures& signatures, const Seed& seed, NodeId original_size,
            Recurrence& found)
      : simplify_(simplify),
        signatures_(signatures),
        seed_(seed),
        original_size_(original_size),
        found_(found) {}

  void run() {
    found_.steps.push_back(last_step());
    while (!exhausted() && match_step()) {
    }
    for (const Value value : targets_of(pattern(), found_.steps.back()))
      found_.first_values.push_back(value);
    if (!exhausted() && !pattern().ins.empty() && found_.steps.size() >= 2) match_first_step();
    std::ranges::reverse(found_.steps);
  }

 private:
  const Pattern& pattern() const { return found_.pattern; }
  const Graph& graph() const { return simplify_.build().graph(); }

  Instance last_step() const {
    Instance itself;
    for (const auto* values : {&pattern().body, &pattern().ins, &pattern().elements})
      for (const Value value : *values) itself[value] = value;
    return itself;
  }

  bool exhausted() const {
    if (seed_.collected.empty()) return pattern().ins.empty();
    return found_.steps.size() >= seed_.collected.size();
  }
  Value collected() const {
    return seed_.collected[seed_.collected.size() - 1 - found_.steps.size()];
  }

  bool match_step() {
    Matcher matcher(graph(), signatures_, pattern());
    const std::vector<Value> targets = targets_of(pattern(), found_.steps.back());
    bool all = true;
    for (std::size_t c = 0; all && c < targets.size(); ++c)
      all = matcher.relate(pattern().outs[c], targets[c]);
    if (all && pattern().root) all = matcher.relate(*pattern().root, collected());
    if (!all) {
      found_.stopped_by = matcher.mismatch();
      return false;
    }
    Instance step = matcher.related();
    for (const auto* holes : {&pattern().ins, &pattern().elements})
      for (const Value hole : *holes)
        if (!step.contains(hole)) return false;
    found_.steps.push_back(std::move(step));
    return true;
  }

  // All carried values zero, or as many as can be.
  void match_first_step() {
    const std::size_t carries = pattern().ins.size();
    if (carries > 6) return;
    std::vector<std::size_t> masks;
    for (std::size_t mask = 1; mask < std::size_t{1} << carries; ++mask) masks.push_back(mask);
    std::ranges::stable_sort(masks, std::ranges::greater{},
                             [](std::size_t mask) { return std::popcount(mask); });
    for (const std::size_t mask : masks) {
      const FirstStep expected = first_step(simplify_, pattern(), mask, original_size_);
      if (accept(expected)) {
        found_.stopped_by.reset();
        found_.from_zeros.reset();
        return;
      }
      if (mask == masks.front()) expect(expected);
    }
  }

  // Keeps what a first step would be whose carried values all are zero.
  void expect(const FirstStep& expected) {
    found_.from_zeros = expected.pattern;
    for (const Value out : pattern().outs) found_.from_zeros->outs.push_back(expected.from.at(out));
  }

  bool accept(const FirstStep& first) {
    Matcher matcher(graph(), signatures_, first.pattern);
    const std::vector<Value> targets = targets_of(pattern(), found_.steps.back());
    const auto alike = [&](Value node, Value target) {
      const Value expected = first.from.at(node);
      return are_equal(graph(), expected, target) || matcher.relate(expected, target);
    };
    for (std::size_t c = 0; c < targets.size(); ++c)
      if (!alike(pattern().outs[c], targets[c])) return false;
    if (pattern().root && !alike(*pattern().root, collected())) return false;
    return add_first(first, matcher.related());
  }

  bool add_first(const FirstStep& first, const ValueMap& matched) {
    Instance step;
    for (const auto& [node, built] : first.from) {
      const auto place = matched.find(built);
      if (place != matched.end())
        step[node] = place->second;
      else if (!first.pattern.is_hole(built))
        step[node] = built;
    }
    const Instance &next = found_.steps.back(), &later = found_.steps[found_.steps.size() - 2];
    for (const Value element : pattern().elements) {
      if (step.contains(element)) continue;
      const auto before = next_element(simplify_, later.at(element), next.at(element));
      if (!before) return false;
      step[element] = *before;
    }
    std::vector<std::optional<Value>> values;
    for (std::size_t c = 0; c < pattern().ins.size(); ++c) {
      const Value in = pattern().ins[c];
      if (!first.zeros[c] && !step.contains(in)) return false;
      values.push_back(first.zeros[c] ? std::nullopt : std::optional(step.at(in)));
    }
    found_.first_values = std::move(values);
    found_.steps.push_back(std::move(step));
    return true;
  }

  Simplifier& simplify_;
  Signatures& signatures_;
  const Seed& seed_;
  NodeId original_size_;
  Recurrence& found_;
};

}  // namespace

Recurrence extend(Simplifier& simplify, Signatures& signatures, Pattern pattern, const Seed& seed,
                  NodeId original_size) {
  Recurrence found;
  found.pattern = std::move(pattern);
  Extension(simplify, signatures, seed, original_size, found).run();
  return found;
}

}  // namespace coil::rolling
