#pragma once

#include <map>
#include <memory>

#include "compiler/passes/pipeline.hpp"

#include "runtime/execute/program.hpp"

namespace coil {

// An entry of a canonical graph, ready to run at any batch size: a program a size, created at first use and
// kept, all over the same weights.
class Executable {
 public:
  // Leaves of the entry that `store` lacks are added to it, zeroed. `store` must outlive this.
  Executable(const Graph& canonical, Entry entry, Store& store, int threads);

  // As derived for no batch size in particular: its leaves and outputs are those of every program.
  const Graph& graph() const { return graph_; }

  // The program of a batch size; packs weights again if the store was touched since the last call.
  Program& at(std::int64_t batch);

 private:
  Graph canonical_;
  Entry entry_;
  Graph graph_;
  Store& store_;
  int threads_;
  std::uint64_t version_;
  onednn::PackedWeights packed_;
  std::map<std::int64_t, std::unique_ptr<Program>> programs_;
};

}  // namespace coil
