#pragma once

#include <string>
#include <vector>

#include "runtime/cli/state_files.hpp"
#include "runtime/execute/execution.hpp"

namespace coil::cli {

struct ArrayRun {
  // "NAME=FILE": each input as the text has them once (a sequence that the graph made of several is fed by its
  // parts), and results, where "FILE" will do if there is one.
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  StateFiles states;
  Identity identity;  // of the model
  Execution execution = 1;
};

// Runs a model on NumPy files, its states zero or those of --state-in. The arrays' first dimension is the batch.
// RunError: usage where the names do not fit; bad_artifact where an array or a state does not: its shape, its kind
// of numbers, an index past its bound; io.
void run_arrays(Model& model, const ArrayRun& run);

}  // namespace coil::cli
