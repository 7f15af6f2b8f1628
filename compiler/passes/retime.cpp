#include "compiler/passes/retime.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/graph/builder.hpp"
#include "compiler/graph/op_record.hpp"

namespace coil {
namespace {

using Reason = std::optional<std::string>;

// How many elements of a sequence a call reads: the length of all sequences, or the number of inputs.
struct Reading {
  std::int64_t steps = 1;
  bool in_sequences = false;
};

// Whether an input is a sequence where recurrences have so many steps: of characters, or of vectors. (A vector of
// numbers has the shape of a sequence of them, and is none.)
bool is_sequence_of(const Type& type, std::int64_t steps) {
  const std::size_t least_rank = type.element == Element::index ? 2 : 3;
  return type.shape.rank() >= least_rank && type.shape.is_batched() && type.shape.dims[1] == steps;
}

std::optional<std::int64_t> steps_of_scans(const Graph& graph) {
  for (const Node& node : graph.nodes())
    if (const auto* scan = std::get_if<ScanAttributes>(&node.attributes)) return scan->steps;
  return std::nullopt;
}

Reason measure(const Graph& graph, Reading& reading) {
  const auto inputs = leaves(graph, Op::input);
  for (const NodeId id : inputs) {
    const Type& type = graph.node(id).types[0];
    if (type.element != Element::index || type.shape.rank() != 2) continue;
    const std::int64_t steps = type.shape.dims[1];
    if (reading.in_sequences && reading.steps != steps)
      return fmt::format("it reads sequences of {} and of {}", reading.steps, steps);
    reading = {steps, true};
  }
  if (reading.in_sequences) return std::nullopt;
  const auto scanned = steps_of_scans(graph);
  for (const NodeId id : inputs)
    if (scanned && is_sequence_of(graph.node(id).types[0], *scanned)) reading = {*scanned, true};
  if (!reading.in_sequences && inputs.size() > 1)
    return fmt::format("its {} inputs are no sequence", inputs.size());
  return std::nullopt;
}

// Of each node, whether it is a state or computed of one.
std::vector<bool> come_of_states(const Graph& graph) {
  std::vector<bool> result(graph.size());
  for (NodeId id = 0; id < graph.size(); ++id)
    result[id] = graph.node(id).op == Op::state ||
                 std::ranges::any_of(graph.node(id).operands,
                                     [&](Value operand) { return result[operand.node]; });
  return result;
}

// Every state is the first value of one carry, whose last value it becomes.
Reason check_states(const Graph& graph) {
  const std::vector<bool> of_state = come_of_states(graph);
  const auto uses = count_uses(graph);
  const auto updated = output_leaves(graph);
  std::vector<std::optional<Value>> next(graph.size());
  for (std::size_t i = 0; i < updated.size(); ++i)
    if (updated[i]) next[*updated[i]] = graph.outputs[i].value;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const auto* scan = std::get_if<ScanAttributes>(&graph.node(id).attributes);
    if (!scan) continue;
    if (scan->reverse) return "a recurrence of it runs backwards";
    for (std::uint32_t c = 0; c < scan->carries; ++c) {
      const auto operand = static_cast<std::size_t>(scan->sequences) + c;
      const NodeId first = graph.node(id).operands[operand].node;
      if (!of_state[first]) return "a recurrence of it begins anew in each call";
      if (graph.node(first).op != Op::state)
        return "a recurrence of it starts from what is computed of a state";
      if (uses[first] != 1 || next[first] != Value{id, c})
        return fmt::format("state '{}' is more than the memory of one recurrence",
                           leaf_name(graph.node(first)));
      next[first].reset();
    }
  }
  for (const auto& value : next)
    if (value) return "a state of it changes once a call, not once a character";
  return std::nullopt;
}

// The only pass that changes types, so that it maps values itself.
class Retimer {
 public:
  // From `before` steps to `steps`.
  Retimer(const Graph& from, std::int64_t before, std::int64_t steps)
      : from_(from), before_(before), steps_(steps), build_(to_) {
    for (const Node& node : from.nodes()) {
      map_.emplace_back(node.types.size());
      is_sequence_.emplace_back(node.types.size(), false);
    }
  }

  std::optional<Graph> run(std::string* why) {
    Reason reason;
    for (NodeId id = 0; id < from_.size() && !reason; ++id) reason = convert(id);
    if (reason) {
      if (why) *why = *reason;
      return std::nullopt;
    }
    to_.name = from_.name;
    for (const Output& output : from_.outputs)
      to_.outputs.push_back({output.name, mapped(output.value), output.kind});
    return std::move(to_);
  }

 private:
  Value mapped(Value old) const { return map_[old.node][old.result]; }
  bool is_sequence(Value old) const { return is_sequence_[old.node][old.result]; }
  bool reads_sequence(const Node& node) const {
    return std::ranges::any_of(node.operands, [&](Value v) { return is_sequence(v); });
  }

  Reason convert(NodeId id) {
    const Node& node = from_.node(id);
    build_.at(node.place);
    Attributes attributes = node.attributes;
    if (record(node.op).trait.value == Trait::leaf) {
      Type type = node.types[0];
      is_sequence_[id][0] = node.op == Op::input && is_sequence_of(type, before_);
      if (is_sequence_[id][0]) type.shape.dims[1] = steps_;
      map_[id][0] = build_.leaf(node.op, attributes, type);
      return std::nullopt;
    }
    if (Reason why = classify(id, attributes)) return why;
    std::vector<Value> operands;
    for (const Value operand : node.operands) operands.push_back(mapped(operand));
    if (std::string why = build_.why_not(node.op, attributes, operands); !why.empty()) return why;
    const NodeId copy = build_.node(node.op, attributes, operands);
    for (std::uint32_t i = 0; i < node.types.size(); ++i) map_[id][i] = {copy, i};
    return std::nullopt;
  }

  // Which results are sequences, and the attributes with the new number of steps.
  Reason classify(NodeId id, Attributes& attributes) {
    const Node& node = from_.node(id);
    if (auto* scan = std::get_if<ScanAttributes>(&attributes)) return classify_scan(id, *scan);
    if (auto* concat = std::get_if<ConcatAttributes>(&attributes))
      if (Reason why = check_concat(node, *concat)) return why;
    if (!reads_sequence(node)) return std::nullopt;
    if (auto* slice = std::get_if<SliceAttributes>(&attributes); slice && slice->axis == 1)
      return take_last(*slice);
    if (Reason why = check_along(node)) return why;
    is_sequence_[id][0] = true;
    return std::nullopt;
  }

  Reason classify_scan(NodeId id, ScanAttributes& scan) {
    const Node& node = from_.node(id);
    for (std::size_t i = 0; i < node.operands.size(); ++i)
      if (is_sequence(node.operands[i]) != (i < static_cast<std::size_t>(scan.sequences)))
        return "a recurrence of it looks at more than one element of a sequence";
    if (scan.steps != before_)
      return fmt::format("it reads {} characters, and a recurrence of it has {} steps", before_,
                         scan.steps);
    scan.steps = steps_;
    for (auto i = static_cast<std::size_t>(scan.carries); i < node.types.size(); ++i)
      is_sequence_[id][i] = true;
    return std::nullopt;
  }

  Reason take_last(SliceAttributes& slice) const {
    if (!slice.drop || slice.begin != before_ - 1)
      return "it looks at single elements of a sequence";
    slice.begin = steps_ - 1;
    return std::nullopt;
  }

  Reason check_concat(const Node& node, const ConcatAttributes& concat) const {
    const bool along_time = concat.axis == 1 && (concat.stack || reads_sequence(node));
    if (along_time && from_.type(node.operands[0]).shape.is_batched())
      return "it puts a sequence together from single elements";
    return std::nullopt;
  }

  // Ops that treat each element of a sequence alike.
  Reason check_along(const Node& node) const {
    const std::size_t rank = node.types[0].shape.rank();
    switch (node.op) {
      case Op::sum_to:
      case Op::broadcast_to:
        return "it sums or repeats along a sequence";
      case Op::softmax:
        if (rank < 3) return "a softmax of it is over a whole sequence";
        return std::nullopt;
      case Op::matmul:
        if (rank < 3 || is_sequence(node.operands[1]) ||
            std::get<MatmulAttributes>(node.attributes).transpose_a)
          return "a product of it sums over a sequence";
        return std::nullopt;
      default:
        return check_alignment(node);
    }
  }

  // Nothing that is no sequence itself has a number for each element of one.
  Reason check_alignment(const Node& node) const {
    const std::size_t behind = node.types[0].shape.rank() - 1;  // time and what is behind it
    for (const Value operand : node.operands) {
      const Shape& shape = from_.type(operand).shape;
      const bool differs = record(node.op).trait.value != Trait::none && !is_sequence(operand) &&
                           shape.rank() >= behind && shape.dims[shape.rank() - behind] != 1;
      if (differs) return "it treats the elements of a sequence differently";
    }
    return std::nullopt;
  }

  const Graph& from_;
  std::int64_t before_;
  std::int64_t steps_;
  Graph to_;
  Builder build_;
  std::vector<std::vector<Value>> map_;
  std::vector<std::vector<bool>> is_sequence_;
};

std::optional<Graph> refuse(const Reason& reason, std::string* why) {
  if (why) *why = *reason;
  return std::nullopt;
}

}  // namespace

std::optional<Graph> retime(const Graph& canonical, std::int64_t steps, std::string* why) {
  Reading reading;
  if (Reason reason = measure(canonical, reading)) return refuse(reason, why);
  if (reading.steps == steps) return canonical;
  if (!reading.in_sequences) return refuse("it reads no sequence", why);
  if (!canonical.parts.empty()) return refuse("its text has an input for each step", why);
  if (reading.steps == 1)
    return refuse("its sequences have one element, so that no recurrence is seen in it", why);
  return Retimer(canonical, reading.steps, steps).run(why);
}

std::optional<Graph> one_step(const Graph& canonical, std::string* why) {
  Reading reading;
  if (Reason reason = measure(canonical, reading)) return refuse(reason, why);
  if (reading.steps == 1) return canonical;
  if (Reason reason = check_states(canonical)) return refuse(reason, why);
  return Retimer(canonical, reading.steps, 1).run(why);
}

}  // namespace coil
