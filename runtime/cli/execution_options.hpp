#pragma once

#include <cstdint>
#include <string>

#include "runtime/cli/command_line.hpp"
#include "runtime/execute/execution.hpp"

namespace coil::cli {

// What commands that run models ask about how.
struct ExecutionOptions {
  std::int64_t threads = 1;
  std::string lowering = "auto";

  Execution execution() const;
};

// -t/--threads and --lowering.
void add_execution(App& app, ExecutionOptions& options);

}  // namespace coil::cli
