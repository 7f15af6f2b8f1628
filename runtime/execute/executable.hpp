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
  // Leaves of the entry that `store` lacks are added to it, zeroed. `store` must outlive this. An entry is derived for
  // a batch size; that of `usual_batch`, where it is known, is derived here, any other when it is asked for.
  Executable(const Graph& canonical, Entry entry, Store& store, int threads,
             std::int64_t usual_batch = 0);

  // Its leaves and outputs are those of every program.
  const Graph& graph() const { return graph_; }

  // The program of a batch size; packs weights again if the store was touched since the last call.
  Program& at(std::int64_t batch);

 private:
  Graph canonical_;
  Entry entry_;
  std::int64_t usual_batch_;
  Graph graph_;  // for the usual batch
  Store& store_;
  int threads_;
  std::uint64_t version_;
  onednn::PackedWeights packed_;
  std::map<std::int64_t, std::unique_ptr<Program>> programs_;
};

}  // namespace coil
