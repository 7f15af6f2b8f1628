#include "runtime/execute/choose_lowering.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

#include "compiler/graph/hash.hpp"
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

Execution as(Lowering lowering, const Execution& execution) {
  Execution other(execution.threads, lowering, execution.precision);
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
                                  const Execution& execution) {
  std::vector<std::unique_ptr<Contender>> contenders;
  std::vector<std::function<void()>> bodies;
  for (const LoweringRow& row : lowerings()) {
    contenders.push_back(
        std::make_unique<Contender>(canonical, entry, batch, as(row.lowering, execution)));
    bodies.emplace_back([&contender = *contenders.back()] { contender.run(); });
  }
  // What else the machine does only ever adds, so the least of all rounds is nearest to the truth; they are short, so
  // that beside busy processes some go through undisturbed.
  const auto timings = time_in_turn(bodies, {.seconds = 0.1, .round_seconds = 0.001});
  std::vector<LoweringTime> times;
  for (std::size_t i = 0; i < timings.size(); ++i)
    times.push_back({lowerings()[i].lowering, std::ranges::min(timings[i].seconds)});
  return times;
}

// Takes away what the run may not use. Hoisted stays: where it lacks something too, the run is to say so.
void keep_what_satisfies(const Graph& canonical, Entry entry, std::int64_t batch,
                         const Execution& execution, LoweringChoice& choice) {
  while (execution.require && choice.lowering != Lowering::hoisted) {
    const Contender contender(canonical, entry, batch, as(choice.lowering, execution));
    if (!why_lacking(*execution.require, contender.program().steps())) return;
    std::erase_if(choice.times,
                  [&](const LoweringTime& time) { return time.lowering == choice.lowering; });
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
  if (choice.times.empty()) return "no recurrence";
  std::string text;
  for (const LoweringTime& time : choice.times)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", to_string(time.lowering),
                        shown(time.seconds));
  return fmt::format("{}: {}", text, to_string(choice.lowering));
}

LoweringChoice choice_of(std::vector<LoweringTime> times) {
  const auto hoisted = std::ranges::find(times, Lowering::hoisted, &LoweringTime::lowering);
  require(hoisted != times.end(), "a choice without the usual lowering");
  const auto best = std::ranges::min_element(times, {}, &LoweringTime::seconds);
  const bool is_better = best->seconds < clearly * hoisted->seconds;
  return {is_better ? best->lowering : Lowering::hoisted, std::move(times)};
}

LoweringChoice choose_lowering(const Graph& canonical, Entry entry, std::int64_t batch,
                               const Execution& execution) {
  if (!has_choice(canonical, entry)) return {};
  std::string key =
      fmt::format("{} {} batch {} threads {} {}", to_string(hash_of(canonical)), to_string(entry),
                  batch, execution.threads, to_string(execution.precision));
  if (execution.precision == Precision::int8 && execution.ranges)
    key += fmt::format(" ranges {}", execution.ranges->size());
  auto times = LoweringCache::find(key);
  if (!times) {
    times = measure(canonical, entry, batch, execution);
    LoweringCache::keep(key, *times);
  }
  LoweringChoice choice = choice_of(*std::move(times));
  keep_what_satisfies(canonical, entry, batch, execution, choice);
  return choice;
}

}  // namespace coil
