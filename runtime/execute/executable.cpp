#include "runtime/execute/executable.hpp"

#include "compiler/passes/runner.hpp"

namespace coil {

Executable::Executable(const Graph& canonical, Entry entry, Store& store, int threads)
    : canonical_(canonical),
      entry_(entry),
      graph_(Runner().derive(canonical, entry)),
      store_(store),
      threads_(threads) {
  store_.add_leaves_of(graph_);
  version_ = store_.version();
}

Program& Executable::at(std::int64_t batch) {
  if (version_ != store_.version()) {
    packed_.repack();
    version_ = store_.version();
  }
  auto& program = programs_[batch];
  if (!program) {
    Runner runner;
    runner.batch = batch;
    program = std::make_unique<Program>(make_plan(runner.derive(canonical_, entry_), batch), store_,
                                        packed_, threads_);
  }
  return *program;
}

}  // namespace coil
