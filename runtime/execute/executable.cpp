#include "runtime/execute/executable.hpp"

#include "compiler/passes/runner.hpp"

namespace coil {

Executable::Executable(const Graph& canonical, Entry entry, Store& store, int threads)
    : graph_(Runner().derive(canonical, entry)), store_(store), threads_(threads) {
  store_.add_leaves_of(graph_);
  version_ = store_.version();
}

Program& Executable::at(std::int64_t batch) {
  if (version_ != store_.version()) {
    packed_.repack();
    version_ = store_.version();
  }
  auto& program = programs_[batch];
  if (!program)
    program = std::make_unique<Program>(make_plan(graph_, batch), store_, packed_, threads_);
  return *program;
}

}  // namespace coil
