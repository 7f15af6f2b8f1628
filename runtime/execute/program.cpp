#include "runtime/execute/program.hpp"

#include <algorithm>
#include <chrono>
#include <omp.h>

#include "compiler/graph/op_record.hpp"
#include "compiler/graph/ops/recurrent.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/kernels/gather.hpp"

namespace coil {
namespace {

// Sets OpenMP's thread count for a scope: oneDNN bakes it into a primitive at creation and must find the
// same at execution.
class Threads {
 public:
  explicit Threads(int count) : before_(omp_get_max_threads()) { omp_set_num_threads(count); }
  ~Threads() { omp_set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

// Of a well-known cell over a sequence: each row of each step by both kernels; twice that for the gradient, which
// is one of rows and one of kernels.
double work_of(const Plan& plan, const Node& node) {
  const RecurrentPlaces places(std::get<RecurrentAttributes>(node.attributes).cell);
  const auto size = [&](std::size_t i) {
    return static_cast<double>(count(plan.graph.type(node.operands[i]).shape, plan.batch));
  };
  const Shape& src = plan.graph.type(node.operands[RecurrentPlaces::src]).shape;
  const double rows = size(RecurrentPlaces::src) / static_cast<double>(src.last());
  const double forwards = rows * (size(places.kernel) + size(places.recurrent_kernel));
  return node.op == Op::recurrent ? forwards : 2 * forwards;
}

// How many times as fast as in f32 a product is in int8: 18.3 us against 4.4 for [1x512] @ [512x2048] on one thread.
constexpr double int8_speed = 4;

// Multiplications of the largest product that a run computes. Threads meet before and after each, so that what counts is
// how large one is and not how many there are; and not what is computed once, of weights alone.
double largest_work_of(const Plan& plan) {
  double largest = 0;
  for (const NodeId id : std::span(plan.schedule).subspan(plan.fixed)) {
    const Node& node = plan.graph.node(id);
    if (node.op == Op::recurrent || node.op == Op::recurrent_grad)
      largest = std::max(largest, work_of(plan, node));
    if (node.op != Op::matmul && node.op != Op::fused_matmul) continue;
    const auto a = static_cast<double>(count(plan.graph.type(node.operands[0]).shape, plan.batch));
    const bool is_int8 = plan.graph.type(node.operands[0]).element == Element::int8;
    const double work = a * static_cast<double>(node.types[0].shape.last());
    largest = std::max(largest, is_int8 ? work / int8_speed : work);
  }
  return largest;
}

// Below this many multiplications, 5 to 10 us, handing a part to a second thread costs more than it saves.
constexpr double least_work_for_threads = 5e5;

int useful_threads(const Plan& plan, int threads) {
  return largest_work_of(plan) < least_work_for_threads ? 1 : threads;
}

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

AlignedBuffer arena_of(const Plan& plan) {
  if (plan.arena_bytes > machine_memory())
    fail(ExitCode::usage,
         "{} at batch {} needs {} bytes of memory, and this machine has {}; use a smaller batch",
         plan.graph.name, plan.batch, plan.arena_bytes, machine_memory());
  return AlignedBuffer(plan.arena_bytes);
}

}  // namespace

Program::Program(Plan plan, Store& store, onednn::PackedWeights& packed, int threads,
                 Precision precision)
    : plan_(std::move(plan)),
      threads_(useful_threads(plan_, threads)),
      arena_(arena_of(plan_)),
      states_(make_states(plan_)),
      addresses_{plan_, static_cast<std::byte*>(arena_.data()), leaf_addresses(plan_, store)} {
  for (const State& state : states_) addresses_.leaves[state.leaf] = state.values().data();
  const Threads scope(threads_);
  fill_constants();
  find_inputs();
  lowered_ = onednn::lower(addresses_, packed, precision);
  prepare();
}

void Program::prepare() {
  const Threads scope(threads_);
  for (const onednn::Step& step : std::span(lowered_.steps).first(lowered_.once)) step.run();
  onednn::stream().wait();
}

void Program::fill_constants() {
  for (const NodeId id : leaves(plan_.graph, Op::constant)) {
    const Node& node = plan_.graph.node(id);
    const auto value = static_cast<float>(std::get<ConstantAttributes>(node.attributes).value);
    std::fill_n(addresses_.reals({id, 0}), count(node.types[0].shape, plan_.batch), value);
  }
}

void Program::find_inputs() {
  for (const NodeId id : leaves(plan_.graph, Op::input)) {
    const Node& node = plan_.graph.node(id);
    const auto& input = std::get<InputAttributes>(node.attributes);
    const Slot& slot = plan_.slot({id, 0});
    inputs_.push_back({input.name.text, node.types[0], input.bound, addresses_.at(slot),
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
  const Threads scope(threads_);
  check_indices();
  for (const onednn::Step& step : repeated_steps()) step.run();
  onednn::stream().wait();
}

void Program::run_timed(std::span<double> seconds) {
  using Clock = std::chrono::steady_clock;
  const auto repeated = repeated_steps();
  require(seconds.size() == repeated.size(), "each step has a time");
  const Threads scope(threads_);
  check_indices();
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const auto begun = Clock::now();
    repeated[i].run();
    onednn::stream().wait();
    seconds[i] = std::chrono::duration<double>(Clock::now() - begun).count();
  }
}

Program::Lying Program::output_named(std::string_view name, Element element) const {
  for (const OutputKind kind : {OutputKind::result, OutputKind::gradient, OutputKind::update})
    for (std::size_t i = 0; i < plan_.output_slots.size(); ++i) {
      const Output& output = plan_.graph.outputs[i];
      const Slot& slot = plan_.output_slots[i];
      if (output.kind != kind || output.name != name) continue;
      const Type& type = plan_.graph.type(output.value);
      // Not `require`: the type is put into words where it is needed only.
      if (is_for_products(element) ? type.element != element : is_for_products(type.element))
        throw InternalError(fmt::format("output '{}' is {}", name, to_string(type)));
      return {addresses_.at(slot), slot.bytes / bytes_of(type.element)};
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
