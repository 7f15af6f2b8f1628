#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/graph/op_record.hpp"
#include "compiler/plan/plan.hpp"

namespace coil {
namespace {

std::string place_of(const Plan& plan, const Slot& slot) {
  if (slot.storage == Storage::bound)
    return fmt::format("{}", leaf_name(plan.graph.node(slot.leaf)));
  if (slot.storage == Storage::given)
    return fmt::format("given {} ({} bytes)", slot.offset, slot.bytes);
  return fmt::format("arena+{} ({} bytes)", slot.offset, slot.bytes);
}

std::string value_name(const Plan& plan, Value value) {
  const std::string_view name = leaf_name(plan.graph.node(value.node));
  if (!name.empty()) return std::string(name);
  return value.result == 0 ? fmt::format("%{}", value.node)
                           : fmt::format("%{}.{}", value.node, value.result);
}

// The operand whose place the result took, if any.
std::string in_place_of(const Plan& plan, Value result) {
  const Slot& own = plan.slot(result);
  for (const Value operand : plan.graph.node(result.node).operands) {
    const Slot& slot = plan.slot(operand);
    if (slot.storage == own.storage && slot.offset == own.offset && slot.leaf == own.leaf)
      return fmt::format(", in place of {}", value_name(plan, operand));
  }
  return "";
}

std::string line_of(const Plan& plan, NodeId id) {
  const Node& node = plan.graph.node(id);
  std::vector<std::string> operands;
  for (const Value operand : node.operands) operands.push_back(value_name(plan, operand));
  std::string line =
      fmt::format("  %{} = {}({})\n", id, to_string(node.op), fmt::join(operands, ", "));
  for (std::uint32_t i = 0; i < node.types.size(); ++i) {
    const Value result{id, i};
    line += fmt::format("      {} -> {}{}\n", to_string(node.types[i]),
                        place_of(plan, plan.slot(result)), in_place_of(plan, result));
  }
  return line;
}

}  // namespace

std::string to_text(const Plan& plan) {
  std::string text = fmt::format(
      "plan of {} at batch {}: {} nodes, arena {} bytes (no placement below {})\nleaves\n",
      plan.graph.name, plan.batch, plan.schedule.size(), plan.arena_bytes, plan.least_arena_bytes);
  for (NodeId id = 0; id < plan.graph.size(); ++id) {
    const Node& node = plan.graph.node(id);
    if (record(node.op).trait.value == Trait::leaf)
      text += fmt::format("  {} {} {} -> {}\n", to_string(node.op), value_name(plan, {id, 0}),
                          to_string(node.types[0]), place_of(plan, plan.slot({id, 0})));
  }
  for (std::size_t i = 0; i < plan.schedule.size(); ++i) {
    if (i == 0 && plan.fixed > 0) text += "once\n";
    if (i == plan.fixed) text += "schedule\n";
    text += line_of(plan, plan.schedule[i]);
  }
  if (!plan.copies.empty()) text += "copies\n";
  for (const Copy& copy : plan.copies)
    text += fmt::format("  {} -> {}\n", value_name(plan, copy.value), place_of(plan, copy.to));
  return text;
}

}  // namespace coil
