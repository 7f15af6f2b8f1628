#include "runtime/cli/stages.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/graph/hash.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/plan/plan.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/cli/annotated_text.hpp"
#include "runtime/cli/dot.hpp"
#include "runtime/cli/threads.hpp"
#include "runtime/execute/program.hpp"

namespace coil::cli {
namespace {

Graph derived(const StageInput& input, Entry entry) {
  return input.runner.derive(input.opened.compiled.canonical, entry);
}

// The entry that --entry names; of a graph that is an entry already, itself.
Graph entry_graph(const StageInput& input) {
  if (input.opened.derived.empty()) return derived(input, input.entry.value_or(Entry::predict));
  if (input.entry)
    fail(ExitCode::usage, "--entry: the file holds an entry already ({})", input.opened.derived);
  return input.opened.compiled.flat;
}

std::string flat_text(const StageInput& input) {
  return annotated_text(input.shown ? *input.shown : input.opened.compiled.flat);
}

std::string canonical_text(const StageInput& input) {
  return annotated_text(input.opened.compiled.canonical);
}

std::string hash_text(const StageInput& input) {
  return to_string(hash_of(input.shown ? *input.shown : input.opened.compiled.canonical)) + "\n";
}

std::string dot_text(const StageInput& input) {
  if (input.shown) return to_dot(*input.shown);
  return to_dot(input.entry ? entry_graph(input) : input.opened.compiled.canonical);
}

template <Entry entry>
std::string entry_text(const StageInput& input) {
  return to_text(derived(input, entry));
}

std::string plan_text(const StageInput& input) {
  return to_text(make_plan(entry_graph(input), input.batch));
}

std::string primitives_text(const StageInput& input) {
  const Graph graph = entry_graph(input);
  Store store;
  store.add_leaves_of(graph);
  onednn::PackedWeights packed;
  const Program program(make_plan(graph, input.batch), store, packed, available_cores());
  std::size_t widest = 0;
  for (const onednn::Step& step : program.steps()) widest = std::max(widest, step.what.size());
  std::string text;
  for (const onednn::Step& step : program.steps())
    text += fmt::format("%{:<4} {:<{}}  {}\n", step.node, step.what, widest, step.implementation);
  return text;
}

// Which of the graphs on the way a stage can be had of.
enum class Needs { any, model, runnable };

struct StageRow {
  const char* name;
  std::string (*text)(const StageInput&);
  Needs needs;  // any: also an entry, or what --after and --only show; runnable: also an entry
};

// clang-format off
constexpr StageRow rows[] = {
    {"graph", flat_text, Needs::any},
    {"canonical", canonical_text, Needs::model},
    {"hash", hash_text, Needs::any},
    {"predict", entry_text<Entry::predict>, Needs::model},
    {"gradients", entry_text<Entry::gradients>, Needs::model},
    {"train_step", entry_text<Entry::train_step>, Needs::model},
    {"plan", plan_text, Needs::runnable},
    {"primitives", primitives_text, Needs::runnable},
    {"dot", dot_text, Needs::any},
};
// clang-format on

void check(const StageRow& row, const StageInput& input) {
  if (input.shown && row.needs != Needs::any)
    fail(ExitCode::usage,
         "--emit={}: after --after or --only there is one graph to show: as graph, hash or dot",
         row.name);
  if (!input.opened.derived.empty() && row.needs == Needs::model)
    fail(ExitCode::usage,
         "--emit={}: the file holds an entry, which is past that ({}); graph, hash, dot, plan and "
         "primitives can be had of it",
         row.name, input.opened.derived);
}

}  // namespace

std::vector<std::string> stage_names() {
  std::vector<std::string> names;
  for (const StageRow& row : rows) names.emplace_back(row.name);
  return names;
}

std::string stage_text(const std::string& name, const StageInput& input) {
  const auto* row = std::ranges::find(rows, name, &StageRow::name);
  check(*row, input);
  return row->text(input);
}

}  // namespace coil::cli
