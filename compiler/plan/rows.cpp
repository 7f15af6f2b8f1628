#include "compiler/plan/rows.hpp"

#include <algorithm>

namespace coil {
namespace {

// Has a value lie in given memory where it lay at `before`, which is a place in the arena.
void give(Plan& plan, Value value, const Slot before) {
  const Slot after{Storage::given, plan.given.size(), 0, before.bytes};
  const auto change = [&](Slot& slot) {
    if (slot == before) slot = after;
  };
  change(plan.slots[value.node][value.result]);
  for (Copy& copy : plan.copies)
    if (copy.value == value) {
      change(copy.from);
      change(copy.to);
    }
  for (std::size_t i = 0; i < plan.graph.outputs.size(); ++i)
    if (plan.graph.outputs[i].value == value) change(plan.output_slots[i]);
  plan.given.push_back(value);
}

}  // namespace

bool rows_are_apart(const Graph& entry) {
  const auto has_rows = [&](Value value) { return entry.type(value).shape.is_batched(); };
  for (const Node& node : entry.nodes()) {
    const auto is_batched = [](const Type& type) { return type.shape.is_batched(); };
    if (node.op == Op::input && !is_batched(node.types[0])) return false;
    if (std::ranges::any_of(node.operands, has_rows) &&
        !std::ranges::all_of(node.types, is_batched))
      return false;
  }
  return std::ranges::all_of(entry.outputs,
                             [&](const Output& output) { return has_rows(output.value); });
}

Plan with_given_faces(Plan plan) {
  for (const NodeId id : leaves(plan.graph, Op::input)) give(plan, {id, 0}, plan.slot({id, 0}));
  for (std::size_t i = 0; i < plan.graph.outputs.size(); ++i) {
    const Slot lies = plan.output_slots[i];
    if (lies.storage == Storage::arena) give(plan, plan.graph.outputs[i].value, lies);
  }
  return plan;
}

}  // namespace coil
