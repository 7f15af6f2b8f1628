#include "runtime/execute/executable.hpp"

#include "compiler/passes/runner.hpp"

namespace coil {
namespace {

Graph derive(const Graph& canonical, Entry entry, std::int64_t batch) {
  Runner runner;
  runner.batch = batch;
  return runner.derive(canonical, entry);
}

}  // namespace

Executable::Executable(const Graph& canonical, Entry entry, Store& store, int threads,
                       std::int64_t usual_batch)
    : canonical_(canonical),
      entry_(entry),
      usual_batch_(usual_batch),
      graph_(derive(canonical, entry, usual_batch)),
      store_(store),
      threads_(threads) {
  store_.add_leaves_of(graph_);
  version_ = store_.version();
}

Program& Executable::at(std::int64_t batch) {
  if (version_ != store_.version()) {
    packed_.repack();
    for (const auto& [size, program] : programs_) program->prepare();
    version_ = store_.version();
  }
  auto& program = programs_[batch];
  if (!program) {
    Plan plan =
        make_plan(batch == usual_batch_ ? graph_ : derive(canonical_, entry_, batch), batch);
    program = std::make_unique<Program>(std::move(plan), store_, packed_, threads_);
  }
  return *program;
}

}  // namespace coil
