#pragma once

// What `coil train` is told on its command line.

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/cli/command_line.hpp"
#include "runtime/cli/execution_options.hpp"
#include "runtime/cli/model_source.hpp"

namespace coil::cli {

struct TrainOptions {
  ModelSource source;
  std::string corpus;
  std::string out;
  std::string recipe;
  std::string unknown = "error";

  // Empty or nothing: as the recipe has it.
  std::string letters;
  std::string scheme;
  std::string reset;
  std::string optimizer;
  std::optional<std::int64_t> epochs;
  std::optional<std::int64_t> batch;
  std::optional<double> learning_rate;
  std::optional<double> momentum;
  std::optional<double> clip_norm;
  std::optional<double> weight_decay;
  std::optional<double> validation;
  std::optional<std::int64_t> patience;
  std::optional<std::uint64_t> seed;

  std::string metrics;
  std::optional<std::int64_t> metrics_every;  // steps
  std::optional<std::int64_t> save_every;
  std::optional<std::int64_t> steps;  // of the whole run
  bool resume = false;
  bool dry_run = false;
  ExecutionOptions execution;
};

void declare(App& app, TrainOptions& options);

// RunError for files that are missing, cannot be written or are named twice, before any work is done.
void check_files(const TrainOptions& options);

}  // namespace coil::cli
