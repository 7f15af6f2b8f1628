#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/cli/command_line.hpp"
#include "runtime/execute/execution.hpp"

namespace coil::cli {

// What commands that run models ask about how.
struct ExecutionOptions {
  std::int64_t threads = 1;
  std::string lowering = "auto";
  std::string rows = "auto";
  std::string precision;  // empty: as is usual
  std::string require;    // empty: nothing

  Precision precision_or(Precision usual) const;
  // RunError (usage) where the machine lacks what is required. Where it lacks what the precision is made for, that is
  // told on stderr. int8 takes the ranges of a model that was calibrated, and is refused without.
  Execution execution(Precision usual = Precision::f32,
                      std::shared_ptr<const Ranges> ranges = nullptr) const;
};

// -t/--threads, --lowering, --rows, --precision and --require, for what predicts.
void add_execution(App& app, ExecutionOptions& options);
// For what trains: in int8 nothing does, and the recipe says what is usual.
void add_training_execution(App& app, ExecutionOptions& options);

void add_rows(App& app, std::string& rows);
void add_require(App& app, std::string& require);

// RunError (usage) where a precision takes ranges, and there are none.
void require_ranges(Precision precision, const std::shared_ptr<const Ranges>& ranges);

// What becomes of products in a precision that this machine does not multiply; empty where it does.
std::string fallback_note(Precision precision);

}  // namespace coil::cli
