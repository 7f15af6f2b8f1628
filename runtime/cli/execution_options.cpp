#include "runtime/cli/execution_options.hpp"

#include "runtime/cli/choices.hpp"
#include "runtime/cli/threads.hpp"

namespace coil::cli {

Execution ExecutionOptions::execution() const {
  // "auto" is no lowering's name.
  return {static_cast<int>(threads), find_lowering(lowering)};
}

void add_execution(App& app, ExecutionOptions& options) {
  add_threads(app, options.threads);
  std::vector<std::string> choices = {"auto"};
  for (const LoweringRow& row : lowerings()) choices.emplace_back(row.name);
  add_choice(app, "--lowering", options.lowering, choices,
             "how recurrences are run; auto measures all once, and takes the fastest")
      ->default_str("auto");
}

}  // namespace coil::cli
