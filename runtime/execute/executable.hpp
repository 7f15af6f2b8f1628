#pragma once

#include <map>
#include <memory>
#include <optional>

#include "compiler/passes/pipeline.hpp"

#include "runtime/execute/choose_lowering.hpp"
#include "runtime/execute/execution.hpp"
#include "runtime/execute/program.hpp"

namespace coil {

// An entry of a canonical graph, ready to run at any batch size: a program a size, created at first use and
// kept, all over the same weights.
class Executable {
 public:
  // Leaves of the entry that `store` lacks are added to it, zeroed. `store` must outlive this. An entry is derived for
  // a batch size; that of `usual_batch`, where it is known, is derived here, any other when it is asked for.
  Executable(const Graph& canonical, Entry entry, Store& store, Execution execution,
             std::int64_t usual_batch = 0);

  // Its leaves and outputs are those of every program.
  const Graph& graph() const { return graph_; }

  // How the program of a batch size runs: as the execution says, or else as is fastest. Where the usual batch is known,
  // that is measured for it alone: other sizes are what is left of a text at its end. Rows are together where they have
  // to be, whatever this says: Program::rows() tells.
  Way way_for(std::int64_t batch);
  // What told so; none where nothing was measured.
  const std::optional<LoweringChoice>& choice() const { return choice_; }

  // The program of a batch size; packs weights again if the store was touched since the last call. RunError (usage)
  // where it does not multiply as the execution requires.
  Program& at(std::int64_t batch);

 private:
  Graph derive(std::int64_t batch);

  Graph canonical_;
  Entry entry_;
  Execution execution_;
  std::int64_t usual_batch_;
  std::optional<LoweringChoice> choice_;
  Graph graph_;  // for the usual batch
  Store& store_;
  std::uint64_t version_;
  onednn::PackedWeights packed_;
  std::map<std::int64_t, std::unique_ptr<Program>> programs_;
};

}  // namespace coil
