#include "compiler/passes/runner.hpp"

#include <chrono>

#include "compiler/graph/verify.hpp"
#include "compiler/passes/observe_products.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

// The row in whose place ranges are told.
constexpr std::string_view quantizing = "quantize_products";

void check(const PassRow& row, const Graph& graph) {
  if (auto why = why_malformed(graph))
    throw InternalError(fmt::format("pass {} left a malformed graph: {}", row.name, *why));
  std::string why;
  if (row.establishes && !row.establishes(graph, &why))
    throw InternalError(fmt::format("pass {} left the wrong form: {}", row.name, why));
}

Graph apply(const PassRow& row, const Graph& graph, const Load& load, Remarks& remarks) {
  if (const auto* weighing = std::get_if<WeighingPass>(&row.run)) return (*weighing)(graph, load);
  if (const auto* telling = std::get_if<TellingPass>(&row.run)) {
    remarks.begin(row.name);
    return (*telling)(graph, remarks);
  }
  return std::get<PlainPass>(row.run)(graph);
}

}  // namespace

Graph Runner::run_one(const PassRow& row, const Graph& graph) {
  const auto start = std::chrono::steady_clock::now();
  Graph result;
  try {
    result = apply(row, graph, {batch, weights_stay_, lowering, precision, ranges.get()}, remarks_);
  } catch (const InternalError& error) {
    throw InternalError(fmt::format("in pass {}: {}", row.name, error.what()));
  }
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;
  timings_.push_back({row.name, elapsed.count(), result.size()});
  check(row, result);
  if (dump) dump(row, result);
  if (row.name == stop_after) stopped_ = true;
  return result;
}

Graph Runner::canonicalise(Graph flat) {
  for (const PassRow& row : pipeline())
    if (row.stage == Stage::canonical && !stopped_) flat = run_one(row, flat);
  return flat;
}

Graph Runner::derive(Graph canonical, Entry entry) {
  weights_stay_ = !applies(Stage::adam, entry) && !applies(Stage::sgd, entry);
  for (const PassRow& row : pipeline()) {
    if (stopped_) break;
    if (observed && row.name == quantizing) canonical = observe_products(canonical, *observed);
    if (applies(row, entry, lowering, precision)) canonical = run_one(row, canonical);
  }
  return canonical;
}

}  // namespace coil
