#pragma once

// What `coilc --emit=STAGE` prints.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/cli/model_source.hpp"

namespace coil::cli {

// A graph on its way down, and what the command line says of where to.
struct StageInput {
  const OpenedModel& opened;
  // After --after or --only: the graph there, which is all that can be shown.
  std::optional<Graph> shown;
  std::optional<Entry> entry;  // --entry
  std::int64_t batch = 1;
  Runner& runner;
};

// "graph", "canonical", ...; "ast" is not among them, since it needs no graph.
std::vector<std::string> stage_names();

// The text of a stage. RunError (usage) where it cannot be had of this input. The name must be one of
// the above.
std::string stage_text(const std::string& name, const StageInput& input);

}  // namespace coil::cli
