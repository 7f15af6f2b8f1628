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
  std::string precision;  // empty: as is usual
  std::string require;    // empty: nothing

  Precision precision_or(Precision usual) const;
  // RunError (usage) where the machine lacks what is required. Where it lacks what the precision is made for, that is
  // told on stderr.
  Execution execution(Precision usual = Precision::f32) const;
};

// -t/--threads, --lowering, --precision and --require. `usual_precision` is what the help calls it.
void add_execution(App& app, ExecutionOptions& options, const std::string& usual_precision = "f32");

void add_require(App& app, std::string& require);

// What becomes of products in a precision that this machine does not multiply; empty where it does.
std::string fallback_note(Precision precision);

}  // namespace coil::cli
