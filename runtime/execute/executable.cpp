#include "runtime/execute/executable.hpp"

#include "compiler/passes/runner.hpp"
#include "compiler/plan/rows.hpp"

namespace coil {

Executable::Executable(const Graph& canonical, Entry entry, Store& store, Execution execution,
                       std::int64_t usual_batch)
    : canonical_(canonical),
      entry_(entry),
      execution_(execution),
      usual_batch_(usual_batch),
      graph_(derive(usual_batch)),
      store_(store) {
  store_.add_leaves_of(graph_);
  version_ = store_.version();
}

Way Executable::way_for(std::int64_t batch) {
  if (execution_.lowering) return {*execution_.lowering, execution_.rows.value_or(Rows::together)};
  const std::int64_t measured = usual_batch_ > 0 ? usual_batch_ : batch;
  if (measured == 0) return {};  // for no batch yet
  if (usual_batch_ == 0 || !choice_)
    choice_ = choose_lowering(canonical_, entry_, measured, execution_);
  return choice_->way;
}

Graph Executable::derive(std::int64_t batch) {
  Runner runner;
  runner.batch = batch;
  runner.lowering = way_for(batch).lowering;
  runner.precision = execution_.precision;
  runner.ranges = execution_.ranges;
  runner.observed = execution_.observed.get();
  return runner.derive(canonical_, entry_);
}

Program& Executable::at(std::int64_t batch) {
  if (version_ != store_.version()) {
    // First, since what is packed lies at home.
    for (const auto& [size, program] : programs_) program->ask_for_leaves();
    packed_.repack();
    for (const auto& [size, program] : programs_) program->prepare();
    version_ = store_.version();
  }
  auto& program = programs_[batch];
  if (!program) {
    Plan plan = make_plan(batch == usual_batch_ ? graph_ : derive(batch), batch);
    const bool apart = way_for(batch).rows == Rows::apart && plan.batch >= execution_.threads &&
                       execution_.threads > 1 && rows_are_apart(plan.graph);
    auto made =
        std::make_unique<Program>(std::move(plan), store_, packed_, execution_.threads,
                                  execution_.precision, apart ? Rows::apart : Rows::together);
    if (execution_.require) require_products(*execution_.require, made->steps());
    program = std::move(made);
  }
  return *program;
}

}  // namespace coil
