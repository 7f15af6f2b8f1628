#include "compiler/passes/roll_remarks.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/graph/op_record.hpp"
#include "compiler/passes/roll_difference.hpp"

namespace coil::rolling {
namespace {

// What is used, in the words of the text.
std::string describe(const Graph& graph, Value value) {
  const Node& node = graph.node(value.node);
  if (node.op == Op::weight) return fmt::format("weight '{}'", leaf_name(node));
  if (node.op == Op::state) return fmt::format("state '{}'", leaf_name(node));
  if (node.op == Op::input) return fmt::format("input '{}'", leaf_name(node));
  if (const auto* constant = std::get_if<ConstantAttributes>(&node.attributes))
    return fmt::format("the number {}", constant->value);
  if (const auto element = as_element(graph, value); element && element->index >= 0)
    return fmt::format("element {} of '{}'", element->index,
                       leaf_name(graph.node(element->sequence.node)));
  for (const Value operand : node.operands)
    if (graph.node(operand.node).op == Op::weight)
      return fmt::format("{} with weight '{}'", to_string(node.op),
                         leaf_name(graph.node(operand.node)));
  return fmt::format("{}", to_string(node.op));
}

// Products by different weights are told apart by the weights.
std::string describe_difference(const Graph& graph, const Mismatch& mismatch) {
  return fmt::format("one step uses {}, its neighbours {}", describe(graph, mismatch.found),
                     describe(graph, mismatch.expected));
}

// Values behind a recurrence that are looked at, whether one of them is its next step but for one thing.
constexpr NodeId most_candidates = 256;
constexpr std::size_t most_compared = 20'000;  // pairs of them and parts of the step

// Which step reads an element, from 1; among inputs of their own, which one in the text.
std::int64_t number_of(const Graph& graph, Value element) {
  const auto known = as_element(graph, element);
  if (!known) return 0;
  if (known->index >= 0) return known->index + 1;
  const auto position = [&](NodeId id) {
    return std::get<InputAttributes>(graph.node(id).attributes).position;
  };
  std::int64_t number = 0;
  for (const NodeId id : leaves(graph, Op::input))
    if (graph.node(id).types == graph.node(element.node).types &&
        position(id) <= position(element.node))
      ++number;
  return number;
}

Steps steps_of(const Graph& graph, const Recurrence& found) {
  Steps steps;
  for (const Value element : found.pattern.elements) {
    steps.first = std::max(steps.first, number_of(graph, found.steps.front().at(element)));
    steps.last = std::max(steps.last, number_of(graph, found.steps.back().at(element)));
  }
  const auto count = static_cast<std::int64_t>(found.steps.size());
  return steps.last - steps.first + 1 == count ? steps : Steps{};
}

// "step 4 uses weight 'U2', steps 5-6 use 'U'"
std::string tell_difference(const Graph& graph, const StepDifference& difference,
                            const std::string& step, const std::string& others) {
  if (!difference.found)
    return fmt::format("{} does not use {}, {} do", step, describe(graph, *difference.expected),
                       others);
  const std::string found = describe(graph, *difference.found);
  if (!difference.expected) return fmt::format("{} uses {}, {} do not", step, found, others);
  std::string expected = describe(graph, *difference.expected);
  const std::string kind = "weight ";
  if (found.starts_with(kind) && expected.starts_with(kind)) expected.erase(0, kind.size());
  return fmt::format("{} uses {}, {} use {}", step, found, others, expected);
}

// Whether a node is computed from a value that stands shortly before it.
bool needs(const Graph& graph, NodeId id, Value value) {
  std::vector<NodeId> open{id};
  std::unordered_set<NodeId> seen;
  while (!open.empty()) {
    const Node& node = graph.node(open.back());
    open.pop_back();
    for (const Value operand : node.operands) {
      if (operand == value) return true;
      if (operand.node > value.node && seen.insert(operand.node).second)
        open.push_back(operand.node);
    }
  }
  return false;
}

std::pair<std::uint32_t, std::uint32_t> key(Place place) { return {place.line, place.column}; }

}  // namespace

void Explainer::parted(const Graph& graph, const Seed& seed, const Mismatch& mismatch) {
  if (mismatch.progress < 2) return;
  const Place place = graph.node(seed.last.node).place;
  const Place at = graph.node(mismatch.expected.node).place;
  Parting& known = partings_[key(place)];
  if (known.progress >= mismatch.progress) return;
  known = {at.line != 0 ? at : place, describe_difference(graph, mismatch), mismatch.progress};
}

void Explainer::rolled(const Graph& graph, NodeId original_size, const Recurrence& found) {
  any_ = true;
  const Value last = found.pattern.body.back();
  remarks_.done(graph.node(last.node).place,
                fmt::format("rolled: {} steps, {} carried, {} sequences", found.steps.size(),
                            found.pattern.ins.size(), found.pattern.elements.size()));
  const Steps steps = steps_of(graph, found);
  const ValueSet own(found.pattern.body.begin(), found.pattern.body.end());
  for (std::size_t c = 0; c < found.pattern.outs.size(); ++c) {
    const Value out = found.pattern.outs[c];
    if (!own.contains(out)) continue;  // handed on
    if (const auto& first = found.first_values[c]) {
      almost(graph, found.pattern, {out}, {*first}, steps, steps.first - 1);
      if (found.from_zeros)
        almost(graph, *found.from_zeros, {found.from_zeros->outs[c]}, {*first}, steps,
               steps.first - 1);
    }
    std::vector<Value> behind;
    const auto end = std::min(original_size, out.node + most_candidates);
    for (NodeId id = out.node + 1; id < end; ++id)
      if (graph.node(id).types.size() == 1 && !own.contains({id, 0}) && needs(graph, id, out))
        behind.push_back({id, 0});
    almost(graph, found.pattern, found.pattern.body, behind, steps, steps.last + 1);
  }
}

// One op, or an activation for another.
static bool may_be_alike(const Graph& graph, Value a, Value b) {
  const Node &x = graph.node(a.node), &y = graph.node(b.node);
  return x.op == y.op || (x.operands.size() == 1 && y.operands.size() == 1);
}

// Tells of the value that is most like a step (or a part of one, `expected`), but for one thing.
void Explainer::almost(const Graph& graph, const Pattern& pattern,
                       const std::vector<Value>& expected, const std::vector<Value>& candidates,
                       const Steps& steps, std::int64_t number) {
  if (expected.size() * candidates.size() > most_compared) return;
  StepComparison best;
  Value other;
  for (const Value candidate : candidates)
    for (const Value node : expected) {
      if (graph.type(node) != graph.type(candidate) || !may_be_alike(graph, node, candidate))
        continue;
      StepComparison compared = compare_step(graph, pattern, node, candidate, 1);
      if (compared.differences.size() != 1 || compared.alike <= best.alike) continue;
      best = std::move(compared);
      other = candidate;
    }
  if (best.alike < 3) return;
  const StepDifference& difference = best.differences[0];
  // Parts of one thing are told apart by nothing that a person wrote.
  if (difference.found && difference.expected &&
      describe(graph, *difference.found) == describe(graph, *difference.expected))
    return;
  const bool is_numbered = steps.first > 0;
  const std::string step = is_numbered ? fmt::format("step {}", number) : "one step";
  const std::string others = is_numbered ? fmt::format("steps {}-{}", steps.first, steps.last)
                                         : std::string("its neighbours");
  const Value at = difference.found.value_or(other);
  const bool is_leaf = record(graph.node(at.node).op).trait.value == Trait::leaf;
  tell({graph.node((is_leaf ? other : at).node).place,
        tell_difference(graph, difference, step, others), best.alike});
}

void Explainer::tell(const Parting& parting) {
  remarks_.missed(parting.place, "not rolled: " + parting.message);
}

void Explainer::finish() {
  if (any_) return;
  const auto best = std::ranges::max_element(
      partings_, {}, [](const auto& entry) { return entry.second.progress; });
  if (best != partings_.end()) tell(best->second);
}

}  // namespace coil::rolling
