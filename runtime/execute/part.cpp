#include "runtime/execute/part.hpp"

#include <algorithm>
#include <chrono>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"

namespace coil {
namespace {

AlignedBuffer arena_of(const Plan& plan) {
  if (plan.arena_bytes > machine_memory())
    fail(ExitCode::usage,
         "{} at batch {} needs {} bytes of memory, and this machine has {}; use a smaller batch",
         plan.graph.name, plan.batch, plan.arena_bytes, machine_memory());
  return AlignedBuffer(plan.arena_bytes);
}

}  // namespace

Part::Part(std::shared_ptr<const Plan> plan, std::vector<float*> leaves,
           std::vector<std::byte*> given, onednn::PackedWeights& packed, Precision precision)
    : plan_(std::move(plan)),
      arena_(arena_of(*plan_)),
      addresses_{*plan_, static_cast<std::byte*>(arena_.data()), std::move(leaves),
                 std::move(given)} {
  fill_constants();
  lowered_ = onednn::lower(addresses_, packed, precision);
}

void Part::fill_constants() {
  for (const NodeId id : leaves(plan_->graph, Op::constant)) {
    const Node& node = plan_->graph.node(id);
    const auto value = static_cast<float>(std::get<ConstantAttributes>(node.attributes).value);
    std::fill_n(addresses_.reals({id, 0}), count(node.types[0].shape, plan_->batch), value);
  }
}

void Part::prepare() const {
  for (const onednn::Step& step : std::span(lowered_.steps).first(lowered_.once)) step.run();
  onednn::stream().wait();
}

void Part::run() const {
  for (const onednn::Step& step : repeated_steps()) step.run();
  onednn::stream().wait();
}

void Part::run_timed(std::span<double> seconds) const {
  using Clock = std::chrono::steady_clock;
  const auto repeated = repeated_steps();
  require(seconds.size() == repeated.size(), "each step has a time");
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const auto begun = Clock::now();
    repeated[i].run();
    onednn::stream().wait();
    seconds[i] = std::chrono::duration<double>(Clock::now() - begun).count();
  }
}

}  // namespace coil
