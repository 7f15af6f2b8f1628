#include "runtime/cli/execution_options.hpp"

#include <fmt/format.h>

#include "runtime/cli/choices.hpp"
#include "runtime/cli/threads.hpp"
#include "runtime/onednn/onednn.hpp"

namespace coil::cli {

Precision ExecutionOptions::precision_or(Precision usual) const {
  return find_precision(precision).value_or(usual);
}

Execution ExecutionOptions::execution(Precision usual) const {
  // "auto" is no lowering's name.
  Execution execution(static_cast<int>(threads), find_lowering(lowering), precision_or(usual));
  execution.require = find_requirement(require);
  if (execution.require) require_machine(*execution.require, execution.precision);
  if (const std::string note = fallback_note(execution.precision); !note.empty())
    fmt::print(stderr, "coil: {}\n", note);
  return execution;
}

void add_execution(App& app, ExecutionOptions& options, const std::string& usual_precision) {
  add_threads(app, options.threads);
  std::vector<std::string> lowering_names = {"auto"}, precision_names;
  for (const LoweringRow& row : lowerings()) lowering_names.emplace_back(row.name);
  for (const PrecisionRow& row : precisions()) precision_names.emplace_back(row.name);
  add_choice(app, "--lowering", options.lowering, lowering_names,
             "how recurrences are run; auto measures all once, and takes the fastest")
      ->default_str("auto");
  add_choice(app, "--precision", options.precision, precision_names,
             "what matrices are multiplied in; sums, weights and states are f32")
      ->default_str(usual_precision);
  add_require(app, options.require);
}

void add_require(App& app, std::string& require) {
  std::vector<std::string> names;
  for (const Requirement requirement : all_requirements) names.emplace_back(to_string(requirement));
  add_choice(
      app, "--require", require, names,
      "fail where the machine lacks it, or multiplies in another type than --precision says");
}

std::string fallback_note(Precision precision) {
  if (multiplies(precision)) return "";
  return fmt::format(
      "this machine ({}) does not multiply {}: products of numbers rounded to it are computed in "
      "f32, which is slower than --precision f32",
      onednn::effective_isa(), to_string(precision));
}

}  // namespace coil::cli
