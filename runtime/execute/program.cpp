#include "runtime/execute/program.hpp"

#include <algorithm>
#include <map>

#include "compiler/plan/rows.hpp"
#include "compiler/source/internal_error.hpp"

#include "runtime/execute/work.hpp"
#include "runtime/kernels/gather.hpp"
#include "runtime/kernels/parallel.hpp"
#include "runtime/onednn/side_by_side.hpp"

namespace coil {
namespace {

// Asks the store for the leaves, which are at these addresses until others ask for joints of them or for their parts.
std::vector<float*> leaf_addresses(const Plan& plan, Store& store) {
  std::vector<float*> addresses(plan.graph.size(), nullptr);
  for (NodeId id = 0; id < plan.graph.size(); ++id) {
    const Node& node = plan.graph.node(id);
    if (node.op != Op::weight && node.op != Op::state) continue;
    if (node.types[0].shape.is_batched()) continue;
    const auto values = store.values(std::string(leaf_name(node)));
    require(values.size_bytes() == plan.slot({id, 0}).bytes, "'{}' has {} bytes, batch {} needs {}",
            leaf_name(node), values.size_bytes(), plan.batch, plan.slot({id, 0}).bytes);
    addresses[id] = values.data();
  }
  return addresses;
}

}  // namespace

Program::Program(Plan plan, Store& store, onednn::PackedWeights& packed, int threads,
                 Precision precision, Rows rows)
    : plan_(std::make_shared<Plan>(rows == Rows::apart ? with_given_faces(std::move(plan))
                                                       : std::move(plan))),
      store_(store),
      states_(make_states(*plan_)),
      faces_{*plan_, nullptr, leaf_addresses(*plan_, store)},
      arrangement_(store.arrangement()) {
  for (const State& state : states_) faces_.leaves[state.leaf] = state.values().data();
  if (rows == Rows::apart)
    make_parts(threads, packed, precision);
  else
    make_whole(threads, packed, precision);
  find_inputs();
  prepare();
}

void Program::make_whole(int threads, onednn::PackedWeights& packed, Precision precision) {
  threads_ = useful_threads(*plan_, threads);
  const onednn::Threads scope(threads_);
  parts_.push_back(
      std::make_unique<Part>(plan_, faces_.leaves, std::vector<std::byte*>(), packed, precision));
  faces_.arena = parts_[0]->addresses().arena;
}

// Each part has its rows of the inputs, of the states and of the results.
void Program::make_parts(int threads, onednn::PackedWeights& packed, Precision precision) {
  require(rows_are_apart(plan_->graph) && threads <= plan_->batch,
          "{} cannot run by rows of {} in {} parts", plan_->graph.name, plan_->batch, threads);
  threads_ = threads;
  for (const Value value : plan_->given) given_.emplace_back(plan_->slot(value).bytes);
  for (const AlignedBuffer& buffer : given_)
    faces_.given.push_back(static_cast<std::byte*>(buffer.data()));
  const onednn::Threads one(1);
  std::map<std::int64_t, std::shared_ptr<const Plan>> plans;
  for (int part = 0; part < threads; ++part) {
    const std::int64_t first = kernels::first_item({plan_->batch}, part, threads);
    const std::int64_t rows = kernels::first_item({plan_->batch}, part + 1, threads) - first;
    auto& plan = plans[rows];
    if (!plan) plan = std::make_shared<Plan>(with_given_faces(make_plan(plan_->graph, rows)));
    require(plan->given == plan_->given, "parts have the faces of the whole");
    std::vector<float*> leaves = faces_.leaves;
    for (const State& state : states_)
      leaves[state.leaf] += first * std::ssize(state.values()) / plan_->batch;
    std::vector<std::byte*> given = faces_.given;
    for (std::size_t i = 0; i < given.size(); ++i)
      given[i] += static_cast<std::size_t>(first) *
                  (given_[i].bytes() / static_cast<std::size_t>(plan_->batch));
    parts_.push_back(
        std::make_unique<Part>(plan, std::move(leaves), std::move(given), packed, precision));
  }
}

void Program::ask_for_leaves() {
  if (arrangement_ == store_.arrangement()) return;
  leaf_addresses(*plan_, store_);
  arrangement_ = store_.arrangement();
}

void Program::prepare() {
  const onednn::Threads scope(threads_);
  ask_for_leaves();
  if (parts_.size() == 1) return parts_[0]->prepare();
  onednn::run_side_by_side(parts_, [](const std::unique_ptr<Part>& part) { part->prepare(); });
}

void Program::find_inputs() {
  for (const NodeId id : leaves(plan_->graph, Op::input)) {
    const Node& node = plan_->graph.node(id);
    const auto& input = std::get<InputAttributes>(node.attributes);
    const Slot& slot = plan_->slot({id, 0});
    inputs_.push_back({input.name.text, node.types[0], input.bound, faces_.at(slot),
                       slot.bytes / bytes_of(node.types[0].element)});
  }
}

const Program::Input& Program::input_named(std::string_view name, Element element) const {
  for (const Input& input : inputs_) {
    if (input.name != name) continue;
    if (input.type.element == element) return input;
    throw InternalError(fmt::format("input '{}' is {}", name, to_string(input.type)));
  }
  throw InternalError(fmt::format("no input is called '{}'", name));
}

std::span<std::int32_t> Program::index_input(std::string_view name) {
  const Input& input = input_named(name, Element::index);
  return {static_cast<std::int32_t*>(input.data), input.size};
}

std::span<float> Program::real_input(std::string_view name) {
  const Input& input = input_named(name, Element::real);
  return {static_cast<float*>(input.data), input.size};
}

std::vector<Program::State> Program::make_states(const Plan& plan) {
  std::vector<State> states;
  for (const NodeId id : leaves(plan.graph, Op::state)) {
    const Node& node = plan.graph.node(id);
    if (!node.types[0].shape.is_batched()) continue;
    states.push_back({std::string(leaf_name(node)), id, AlignedBuffer(plan.slot({id, 0}).bytes)});
  }
  return states;
}

std::span<float> Program::state(std::string_view name) {
  for (const State& state : states_)
    if (state.name == name) return state.values();
  throw InternalError(fmt::format("no state with a batch is called '{}'", name));
}

void Program::reset_states() {
  for (const State& state : states_) std::ranges::fill(state.values(), 0.0f);
}

void Program::check_indices() const {
  for (const Input& input : inputs_) {
    if (input.type.element != Element::index) continue;
    const std::span values(static_cast<const std::int32_t*>(input.data), input.size);
    const std::int64_t bad = kernels::check_indices(values, input.bound);
    if (bad >= 0)
      throw InternalError(fmt::format("input '{}': index {} at {} lies outside [0, {})", input.name,
                                      values[static_cast<std::size_t>(bad)], bad, input.bound));
  }
}

void Program::run() {
  const onednn::Threads scope(threads_);
  ask_for_leaves();
  check_indices();
  if (parts_.size() == 1) return parts_[0]->run();
  onednn::run_side_by_side(parts_, [](const std::unique_ptr<Part>& part) { part->run(); });
}

bool Program::broke_weights() const {
  return std::ranges::any_of(parts_, [](const auto& part) { return part->broke_weights(); });
}

void Program::run_timed(std::span<double> seconds) {
  const onednn::Threads scope(threads_);
  ask_for_leaves();
  check_indices();
  if (parts_.size() == 1) return parts_[0]->run_timed(seconds);
  onednn::run_side_by_side(parts_, [&](const std::unique_ptr<Part>& part) {
    if (part == parts_[0])
      part->run_timed(seconds);
    else
      part->run();
  });
}

Program::Lying Program::output_named(std::string_view name, Element element) const {
  for (const OutputKind kind : {OutputKind::result, OutputKind::gradient, OutputKind::update})
    for (std::size_t i = 0; i < plan_->output_slots.size(); ++i) {
      const Output& output = plan_->graph.outputs[i];
      const Slot& slot = plan_->output_slots[i];
      if (output.kind != kind || output.name != name) continue;
      const Type& type = plan_->graph.type(output.value);
      // Not `require`: the type is put into words where it is needed only.
      if (is_for_products(element) ? type.element != element : is_for_products(type.element))
        throw InternalError(fmt::format("output '{}' is {}", name, to_string(type)));
      return {faces_.at(slot), slot.bytes / bytes_of(type.element)};
    }
  throw InternalError(fmt::format("no output is called '{}'", name));
}

std::span<const float> Program::output(std::string_view name) const {
  const auto [data, size] = output_named(name, Element::real);
  return {static_cast<const float*>(data), size};
}

std::span<const std::uint16_t> Program::rounded_output(std::string_view name) const {
  const auto [data, size] = output_named(name, Element::bf16);
  return {static_cast<const std::uint16_t*>(data), size};
}

std::span<const std::int8_t> Program::small_output(std::string_view name) const {
  const auto [data, size] = output_named(name, Element::int8);
  return {static_cast<const std::int8_t*>(data), size};
}

}  // namespace coil
