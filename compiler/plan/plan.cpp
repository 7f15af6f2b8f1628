#include "compiler/plan/plan.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/staying.hpp"
#include "compiler/plan/memory_planner.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"

namespace coil {
namespace {

bool is_bound(const Node& node) { return node.op == Op::weight || node.op == Op::state; }

// Times: before the first node 0, at scheduled node i time i + 1, after the last one `end`.
class Planner {
 public:
  Planner(Graph entry, std::int64_t batch) {
    plan_.graph = std::move(entry);
    plan_.batch = batch;
    require(batch >= 1, "a plan for batch {}", batch);
  }

  Plan run() {
    schedule();
    find_last_uses();
    for (NodeId id = 0; id < graph().size(); ++id)
      if (is_leaf(graph().node(id))) place_leaf(id);
    for (const NodeId id : plan_.schedule) place_results(id);
    rescue_old_values();
    assign_offsets();
    list_copies();
    place_outputs();
    return std::move(plan_);
  }

 private:
  const Graph& graph() const { return plan_.graph; }

  void schedule() {
    time_.assign(graph().size(), 0);
    is_fixed_ = find_staying(graph());
    for (const bool fixed : {true, false}) {
      for (NodeId id = 0; id < graph().size(); ++id) {
        if (is_leaf(graph().node(id)) || is_fixed_[id] != fixed) continue;
        plan_.schedule.push_back(id);
        time_[id] = static_cast<std::uint32_t>(plan_.schedule.size());
      }
      if (fixed) plan_.fixed = plan_.schedule.size();
    }
    end_ = static_cast<std::uint32_t>(plan_.schedule.size()) + 1;
    plan_.slots.resize(graph().size());
    buffer_.resize(graph().size());
    for (NodeId id = 0; id < graph().size(); ++id) {
      plan_.slots[id].resize(graph().node(id).types.size());
      buffer_[id].assign(graph().node(id).types.size(), no_buffer);
    }
  }

  void find_last_uses() {
    for (NodeId id = 0; id < graph().size(); ++id)
      for (const Value operand : graph().node(id).operands)
        last_use_[operand] = std::max(last_use_[operand], time_[id]);
    for (const NodeId id : std::span(plan_.schedule).first(plan_.fixed))
      for (std::uint32_t i = 0; i < graph().node(id).types.size(); ++i) last_use_[{id, i}] = end_;
    for (const Output& output : graph().outputs) {
      // An update in place is not a use of its leaf; the new value itself is needed until the end.
      last_use_[output.value] = end_;
    }
  }

  // Every value of a plan passes here before anything of its size is added up.
  std::size_t bytes_of(Value value) {
    const auto& [element, shape] = graph().type(value);
    const auto rows = static_cast<std::size_t>(shape.is_batched() ? plan_.batch : 1);
    std::size_t bytes = 0;
    const bool wraps = __builtin_mul_overflow(
        static_cast<std::size_t>(*count(shape)) * coil::bytes_of(element), rows, &bytes);
    if (wraps || bytes > most_plan_bytes - all_bytes_)
      fail(ExitCode::usage,
           "{} at batch {} needs more than {} bytes of memory, which no machine has; use a smaller "
           "batch",
           graph().name, plan_.batch, most_plan_bytes);
    all_bytes_ += bytes;
    return bytes;
  }

  void new_buffer(Value value, std::uint32_t first, std::uint32_t last) {
    const std::size_t bytes = bytes_of(value);
    buffer_[value.node][value.result] = lifetimes_.size();
    lifetimes_.push_back({bytes, first, last});
    plan_.slots[value.node][value.result].bytes = bytes;
  }

  void place_leaf(NodeId id) {
    const Value value{id, 0};
    if (is_bound(graph().node(id)))
      plan_.slots[id][0] = {Storage::bound, 0, id, bytes_of(value)};
    else
      new_buffer(value, 0, end_);
  }

  void place_results(NodeId id) {
    std::vector<Value> taken;
    for (std::uint32_t i = 0; i < graph().node(id).types.size(); ++i) {
      const Value result{id, i};
      const auto operand = operand_to_overwrite(result, taken);
      if (!operand) {
        new_buffer(result, is_fixed_[id] ? 0 : time_[id], std::max(time_[id], last_use_[result]));
        continue;
      }
      taken.push_back(*operand);
      take_place(result, *operand);
    }
  }

  std::optional<Value> operand_to_overwrite(Value result, const std::vector<Value>& taken) const {
    const Node& node = graph().node(result.node);
    for (const Value operand : node.operands) {
      if (!may_overwrite_everywhere(node, result.result, operand)) continue;
      if (!has_room_for(node, graph().type(operand), graph().type(result))) continue;
      if (std::ranges::find(taken, operand) != taken.end()) continue;
      if (dies_at(operand, result)) return operand;
    }
    return std::nullopt;
  }

  // Of one type; where elements only move, of one size.
  static bool has_room_for(const Node& node, const Type& operand, const Type& result) {
    if (node.op != Op::slice && node.op != Op::concat) return operand == result;
    return operand.element == result.element &&
           operand.shape.is_batched() == result.shape.is_batched() &&
           count(operand.shape) == count(result.shape);
  }

  // A value can stand in several places of one node, and is gone from all of them: in a @ W + a the product
  // would read the sum.
  static bool may_overwrite_everywhere(const Node& node, std::size_t result, Value operand) {
    for (std::size_t i = 0; i < node.operands.size(); ++i)
      if (node.operands[i] == operand && !record(node.op).may_overwrite.value(node, result, i))
        return false;
    return true;
  }

  // Nothing reads the operand's place after the node: not the value, nor an older one that lies there.
  bool dies_at(Value operand, Value result) const {
    const Slot& slot = plan_.slot(operand);
    if (last_use_.at(operand) > time_[result.node]) return false;
    if (slot.storage == Storage::bound) return updates(result, slot.leaf);
    const Node& node = graph().node(operand.node);
    return !is_leaf(node);
  }

  bool updates(Value value, NodeId leaf) const {
    const std::string_view name = leaf_name(graph().node(leaf));
    for (const Output& output : graph().outputs)
      if (output.kind == OutputKind::update && output.value == value && output.name == name)
        return true;
    return false;
  }

  void take_place(Value result, Value operand) {
    plan_.slots[result.node][result.result] = plan_.slot(operand);
    const std::size_t buffer = buffer_[operand.node][operand.result];
    buffer_[result.node][result.result] = buffer;
    if (buffer != no_buffer)
      lifetimes_[buffer].last =
          std::max({lifetimes_[buffer].last, last_use_[result], time_[result.node]});
  }

  bool is_updated_in_place(const Output& update, NodeId leaf) const {
    const Slot& slot = plan_.slot(update.value);
    return slot.storage == Storage::bound && slot.leaf == leaf;
  }

  // Whether `output` asks for a value that lies in a leaf which the copies write: it has to be saved first.
  bool is_endangered(const Output& output, const std::set<NodeId>& written) const {
    const Slot& slot = plan_.slot(output.value);
    return slot.storage == Storage::bound && written.contains(slot.leaf);
  }

  void rescue_old_values() {
    leaf_of_ = output_leaves(graph());
    std::set<NodeId> written;
    for (std::size_t i = 0; i < graph().outputs.size(); ++i) {
      const Output& output = graph().outputs[i];
      if (output.kind == OutputKind::update && !is_updated_in_place(output, *leaf_of_[i]))
        written.insert(*leaf_of_[i]);
    }
    for (const Output& output : graph().outputs) {
      if (!is_endangered(output, written) || rescued_.contains(output.value)) continue;
      rescued_[output.value] = lifetimes_.size();
      lifetimes_.push_back({bytes_of(output.value), end_, end_});
    }
  }

  // Where a value lies once what was endangered is in its own place.
  Slot final_slot(Value value) const {
    const auto rescued = rescued_.find(value);
    if (rescued == rescued_.end()) return plan_.slot(value);
    return {Storage::arena, offsets_[rescued->second], 0, lifetimes_[rescued->second].bytes};
  }

  void list_copies() {
    for (const auto& [value, buffer] : rescued_)
      plan_.copies.push_back({value, plan_.slot(value), final_slot(value)});
    for (std::size_t i = 0; i < graph().outputs.size(); ++i) {
      const Output& output = graph().outputs[i];
      if (output.kind != OutputKind::update || is_updated_in_place(output, *leaf_of_[i])) continue;
      plan_.copies.push_back(
          {output.value, final_slot(output.value), plan_.slot({*leaf_of_[i], 0})});
    }
  }

  void place_outputs() {
    for (std::size_t i = 0; i < graph().outputs.size(); ++i) {
      const Output& output = graph().outputs[i];
      plan_.output_slots.push_back(output.kind == OutputKind::update ? plan_.slot({*leaf_of_[i], 0})
                                                                     : final_slot(output.value));
    }
  }

  void assign_offsets() {
    const Placement placement = place(lifetimes_);
    offsets_ = placement.offsets;
    for (NodeId id = 0; id < graph().size(); ++id)
      for (std::size_t i = 0; i < buffer_[id].size(); ++i)
        if (buffer_[id][i] != no_buffer)
          plan_.slots[id][i].offset = placement.offsets[buffer_[id][i]];
    plan_.arena_bytes = placement.bytes;
    plan_.least_arena_bytes = least_bytes(lifetimes_);
  }

  static constexpr std::size_t no_buffer = ~std::size_t{0};

  Plan plan_;
  std::uint32_t end_ = 0;
  std::vector<std::uint32_t> time_;
  std::vector<bool> is_fixed_;
  std::map<Value, std::uint32_t> last_use_;
  std::vector<std::vector<std::size_t>> buffer_;  // of each result; values in one place share one
  std::vector<Lifetime> lifetimes_;
  std::vector<std::size_t> offsets_;            // of each buffer
  std::vector<std::optional<NodeId>> leaf_of_;  // of each output: what it updates
  std::map<Value, std::size_t> rescued_;  // buffers for values whose leaf is written at the end
  std::size_t all_bytes_ = 0;
};

}  // namespace

Plan make_plan(Graph entry, std::int64_t batch) { return Planner(std::move(entry), batch).run(); }

}  // namespace coil
