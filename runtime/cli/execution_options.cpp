#include "runtime/cli/execution_options.hpp"

#include <fmt/format.h>

#include "compiler/source/run_error.hpp"

#include "runtime/cli/choices.hpp"
#include "runtime/cli/threads.hpp"
#include "runtime/onednn/onednn.hpp"

namespace coil::cli {

Precision ExecutionOptions::precision_or(Precision usual) const {
  return find_precision(precision).value_or(usual);
}

Execution ExecutionOptions::execution(Precision usual, std::shared_ptr<const Ranges> ranges) const {
  // "auto" is no name of a lowering, nor of how rows are.
  Execution execution(static_cast<int>(threads), find_lowering(lowering), precision_or(usual));
  execution.rows = find_rows(rows);
  require_ranges(execution.precision, ranges);
  if (execution.precision == Precision::int8) execution.ranges = std::move(ranges);
  execution.require = find_requirement(require);
  if (execution.require) require_machine(*execution.require, execution.precision);
  if (const std::string note = fallback_note(execution.precision); !note.empty())
    fmt::print(stderr, "coil: {}\n", note);
  return execution;
}

namespace {

void add_options(App& app, ExecutionOptions& options, bool trains) {
  add_threads(app, options.threads);
  std::vector<std::string> lowering_names = {"auto"}, precision_names;
  for (const LoweringRow& row : lowerings()) lowering_names.emplace_back(row.name);
  for (const PrecisionRow& row : precisions())
    if (!trains || is_for_training(row.precision)) precision_names.emplace_back(row.name);
  add_choice(app, "--lowering", options.lowering, lowering_names,
             "how recurrences are run; auto measures all once, and takes the fastest")
      ->default_str("auto");
  if (!trains) add_rows(app, options.rows);
  add_choice(app, "--precision", options.precision, precision_names,
             "what matrices are multiplied in; sums, weights and states are f32")
      ->default_str(trains ? "as the recipe says; else f32" : "f32");
  add_require(app, options.require);
}

}  // namespace

void add_execution(App& app, ExecutionOptions& options) { add_options(app, options, false); }
void add_training_execution(App& app, ExecutionOptions& options) {
  add_options(app, options, true);
}

void add_rows(App& app, std::string& rows) {
  std::vector<std::string> names = {"auto"};
  for (const Rows how : all_rows) names.emplace_back(to_string(how));
  add_choice(
      app, "--rows", rows, names,
      "what threads share: each step of a batch (together), or its rows, each thread going through "
      "all steps with "
      "its own (apart); auto measures both, and takes the first where a --lowering is told")
      ->default_str("auto");
}

void add_require(App& app, std::string& require) {
  std::vector<std::string> names;
  for (const Requirement requirement : all_requirements) names.emplace_back(to_string(requirement));
  add_choice(
      app, "--require", require, names,
      "fail where the machine lacks it, or multiplies in another type than --precision says");
}

void require_ranges(Precision precision, const std::shared_ptr<const Ranges>& ranges) {
  if (precision == Precision::int8 && !ranges)
    fail(ExitCode::usage,
         "--precision int8: the model does not tell how large what it multiplies becomes; "
         "measure it on a text: coil calibrate FILE --corpus TEXT -o OUT");
}

std::string fallback_note(Precision precision) {
  if (multiplies(precision)) return "";
  return fmt::format(
      "this machine ({}) does not multiply {}: products of numbers rounded to it are computed in "
      "f32, which is slower than --precision f32",
      onednn::effective_isa(), to_string(precision));
}

}  // namespace coil::cli
