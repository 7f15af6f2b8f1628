#include "runtime/execute/choose_lowering.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

#include "compiler/graph/hash.hpp"
#include "compiler/plan/rows.hpp"
#include "compiler/source/internal_error.hpp"

#include "runtime/execute/executable.hpp"
#include "runtime/execute/lowering_cache.hpp"
#include "runtime/execute/rounds.hpp"
#include "runtime/execute/sample_inputs.hpp"
#include "runtime/text/random.hpp"

namespace coil {
namespace {

// Another lowering has to be this much faster than hoisted: two measurements of one thing differ by less.
constexpr double clearly = 0.97;

// Whether lowerings differ by more than noise: where there are steps, and where one step of a recurrence is learnt from,
// whose wide products and tables can cost more than they save. What predicts gains by these: its weights stay.
bool has_choice(const Graph& graph, Entry entry) {
  const auto has = [&](Op op) {
    return std::ranges::any_of(graph.nodes(), [op](const Node& node) { return node.op == op; });
  };
  return has(Op::scan) || (has(Op::state) && applies(Stage::learning, entry));
}

// A thread with fewer rows than a vector has lanes reads all weights for next to nothing.
constexpr std::int64_t least_rows = 16;

// Small numbers, so that nothing saturates, overflows or becomes denormal.
void fill(Store& store, const Graph& graph) {
  std::uint32_t lane = 0;
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (graph.node(id).op != Op::weight) continue;
    const auto values = store.values(std::string(leaf_name(graph.node(id))));
    const Random random(1, RandomStream::sample, lane++);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(random.uniform(-0.05, 0.05, i));
  }
  store.touch();
}

Execution as(Way way, const Execution& execution) {
  Execution other(execution.threads, way.lowering, execution.precision);
  other.rows = way.rows;
  other.ranges = execution.ranges;
  return other;
}

// One lowering of the entry, ready to be timed.
class Contender {
 public:
  Contender(const Graph& canonical, Entry entry, std::int64_t batch, Execution execution)
      : executable_(canonical, entry, store_, execution, batch) {
    fill(store_, executable_.graph());
    program_ = &executable_.at(batch);
    inputs_.emplace(*program_);
  }
  Contender(const Contender&) = delete;
  Contender& operator=(const Contender&) = delete;

  void run() {
    inputs_->feed();
    program_->run();
  }
  const Program& program() const { return *program_; }

 private:
  Store store_;
  Executable executable_;
  Program* program_ = nullptr;
  std::optional<SampleInputs> inputs_;
};

std::vector<LoweringTime> measure(const Graph& canonical, Entry entry, std::int64_t batch,
                                  const Execution& execution, const std::vector<Way>& ways) {
  std::vector<std::unique_ptr<Contender>> contenders;
  std::vector<std::function<void()>> bodies;
  for (const Way way : ways) {
    contenders.push_back(std::make_unique<Contender>(canonical, entry, batch, as(way, execution)));
    bodies.emplace_back([&contender = *contenders.back()] { contender.run(); });
  }
  // What else the machine does only ever adds, so the least of all rounds is nearest to the truth; they are short, so
  // that beside busy processes some go through undisturbed.
  const auto timings = time_in_turn(bodies, {.seconds = 0.1, .round_seconds = 0.001});
  std::vector<LoweringTime> times;
  for (std::size_t i = 0; i < timings.size(); ++i)
    times.push_back({ways[i], std::ranges::min(timings[i].seconds)});
  return times;
}

// Takes away what the run may not use. Hoisted stays: where it lacks something too, the run is to say so.
void keep_what_satisfies(const Graph& canonical, Entry entry, std::int64_t batch,
                         const Execution& execution, LoweringChoice& choice) {
  while (execution.require && choice.way.lowering != Lowering::hoisted) {
    const Contender contender(canonical, entry, batch, as(choice.way, execution));
    if (!why_lacking(*execution.require, contender.program().steps())) return;
    std::erase_if(choice.times, [&](const LoweringTime& time) {
      return time.way.lowering == choice.way.lowering;
    });
    choice = choice_of(std::move(choice.times));
  }
}

std::string shown(double seconds) {
  if (seconds < 1e-3) return fmt::format("{:.3g} us", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.3g} ms", seconds * 1e3);
  return fmt::format("{:.3g} s", seconds);
}

}  // namespace

std::string to_string(const LoweringChoice& choice) {
  if (choice.times.empty()) return "one way only";
  std::string text;
  for (const LoweringTime& time : choice.times)
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", to_string(time.way), shown(time.seconds));
  return fmt::format("{}: {}", text, to_string(choice.way));
}

LoweringChoice choice_of(std::vector<LoweringTime> times) {
  const auto hoisted = std::ranges::find(
      times, Lowering::hoisted, [](const LoweringTime& time) { return time.way.lowering; });
  require(hoisted != times.end(), "a choice without the usual lowering");
  const auto best = std::ranges::min_element(times, {}, &LoweringTime::seconds);
  const bool is_better = best->seconds < clearly * hoisted->seconds;
  return {is_better ? best->way : hoisted->way, std::move(times)};
}

std::vector<Way> candidates(const Graph& canonical, Entry entry, std::int64_t batch,
                            const Execution& execution) {
  std::vector<Rows> rows = {Rows::together};
  const bool have_rows = execution.threads > 1 && batch >= least_rows * execution.threads;
  if (have_rows && entry == Entry::predict && !execution.observed && rows_are_apart(canonical))
    rows = execution.rows ? std::vector{*execution.rows} : std::vector{Rows::together, Rows::apart};
  const bool by_each = has_choice(canonical, entry);
  std::vector<Way> ways;
  for (const LoweringRow& row : lowerings())
    if (by_each || row.lowering == Lowering::hoisted)
      for (const Rows how : rows) ways.push_back({row.lowering, how});
  return ways;
}

LoweringChoice choose_lowering(const Graph& canonical, Entry entry, std::int64_t batch,
                               const Execution& execution) {
  const std::vector<Way> ways = candidates(canonical, entry, batch, execution);
  if (ways.size() == 1) return {ways[0], {}};
  std::string key =
      fmt::format("{} {} batch {} threads {} {}", to_string(hash_of(canonical)), to_string(entry),
                  batch, execution.threads, to_string(execution.precision));
  if (execution.rows) key += fmt::format(" rows {}", to_string(*execution.rows));
  if (execution.precision == Precision::int8 && execution.ranges)
    key += fmt::format(" ranges {}", execution.ranges->size());
  auto times = LoweringCache::find(key, ways);
  if (!times) {
    times = measure(canonical, entry, batch, execution, ways);
    LoweringCache::keep(key, *times);
  }
  LoweringChoice choice = choice_of(*std::move(times));
  keep_what_satisfies(canonical, entry, batch, execution, choice);
  return choice;
}

}  // namespace coil
