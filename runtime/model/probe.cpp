#include "runtime/model/probe.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/graph/faces.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/artifact/quote.hpp"
#include "runtime/execute/executable.hpp"
#include "runtime/model/model.hpp"
#include "runtime/text/random.hpp"

namespace coil {
namespace {

constexpr std::uint64_t probe_seed = 1;

// Quotients of 64: exact in a float, and short in a file.
double any_number(const ProbeField& field, const Random& random, std::uint64_t i) {
  constexpr std::uint64_t parts = 64;
  if (field.bound > 0)
    return static_cast<double>(random.below(static_cast<std::uint64_t>(field.bound), i));
  return (static_cast<double>(random.below(2 * parts + 1, i)) - parts) / parts;
}

Probe::Numbers any_numbers(const std::vector<ProbeField>& fields, std::uint32_t& lane) {
  Probe::Numbers numbers;
  for (const ProbeField& field : fields) {
    const Random random(probe_seed, RandomStream::probe, lane++);
    std::vector<double>& values = numbers[field.name];
    for (std::size_t i = 0; i < field.all; ++i) values.push_back(any_number(field, random, i));
  }
  return numbers;
}

void feed(const Graph& graph, const Probe::Numbers& inputs, Program& program) {
  for (const FedInput& input : fed_inputs(graph)) {
    const std::vector<double>& values = inputs.at(input.name);
    const std::string_view leaf = leaf_name(graph.node(input.leaf));
    const std::size_t begin = values.size() * static_cast<std::size_t>(input.step.value_or(0));
    for (std::size_t i = 0; i < values.size(); ++i)
      if (input.type.element == Element::index)
        program.index_input(leaf)[begin + i] = static_cast<std::int32_t>(values[i]);
      else
        program.real_input(leaf)[begin + i] = static_cast<float>(values[i]);
  }
}

std::vector<double> some_of(std::span<const float> values, const ProbeField& field) {
  std::vector<double> some;
  for (std::size_t i = 0; i < values.size(); i += field.stride()) some.push_back(values[i]);
  return some;
}

bool is_finite(const Probe::Numbers& numbers) {
  return std::ranges::all_of(numbers, [](const auto& entry) {
    return std::ranges::all_of(entry.second, [](double x) { return std::isfinite(x); });
  });
}

double relative_difference(const std::vector<double>& expected, const std::vector<double>& found) {
  double largest = 0, scale = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!std::isfinite(found[i])) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, std::abs(expected[i] - found[i]));
    scale = std::max({scale, std::abs(expected[i]), std::abs(found[i])});
  }
  return largest == 0 ? 0 : largest / scale;
}

void compare(const char* what, const Probe::Numbers& expected, const Probe::Numbers& found,
             ProbeDifference& difference) {
  for (const auto& [name, values] : expected) {
    const double here = relative_difference(values, found.at(name));
    difference.numbers += values.size();
    if (!difference.where.empty() && here <= difference.largest) continue;
    difference.largest = here;
    difference.where = fmt::format("{} {}", what, quote(name));
  }
}

}  // namespace

Prober::Prober(const Graph& canonical) : graph_(canonical), form_(probe_form(canonical)) {}
Prober::~Prober() = default;

Program& Prober::program_for(const Model& model) {
  if (!executable_) store_.add_leaves_of(graph_);
  for (const StoredWeight& weight : stored_weights(graph_))
    store_.set_stored(weight.name, model.store.stored(weight.name));
  if (!executable_)
    executable_ = std::make_unique<Executable>(graph_, Entry::predict, store_, 1, 1);
  return executable_->at(1);
}

Probe Prober::answer(const Model& model, Probe asked) {
  require(form_.has_value(), "a probe is of a model that can have one");
  Program& program = program_for(model);
  feed(graph_, asked.inputs, program);
  for (const auto& [name, values] : asked.states)
    std::ranges::copy(values, program.state(name).begin());
  program.run();
  for (const ProbeField& field : form_->outputs)
    asked.outputs[field.name] = some_of(program.output(field.name), field);
  for (const ProbeField& field : form_->states)
    asked.states_after[field.name] = some_of(program.state(field.name), field);
  return asked;
}

std::optional<Probe> Prober::take(const Model& model) {
  if (!model.has_weights || !form_) return std::nullopt;
  std::uint32_t lane = 0;
  Probe asked;
  asked.inputs = any_numbers(form_->inputs, lane);
  asked.states = any_numbers(form_->states, lane);
  try {
    Probe probe = answer(model, std::move(asked));
    if (is_finite(probe.outputs) && is_finite(probe.states_after)) return probe;
  } catch (const RunError&) {
    // No memory to run in: weights are worth saving all the same.
  }
  return std::nullopt;
}

std::optional<Probe> take_probe(const Model& model) { return Prober(model.graph).take(model); }

ProbeDifference compare_with_probe(const Model& model, const Probe& probe) {
  const Probe found = Prober(model.graph).answer(model, {probe.inputs, probe.states, {}, {}});
  ProbeDifference difference;
  compare("output", probe.outputs, found.outputs, difference);
  compare("the state after it,", probe.states_after, found.states_after, difference);
  return difference;
}

void require_agreement(const ProbeDifference& difference, const std::string& path) {
  if (difference.largest <= largest_probe_difference) return;
  fail(ExitCode::bad_artifact,
       "{}: the model does not compute what it did when its probe was taken: {} differs by {:.2g} "
       "of its "
       "largest number, more than {:g}. Its weights are other ones, or stand elsewhere: gates in "
       "another order, a "
       "kernel transposed, two layers exchanged; or this machine computes otherwise",
       show_path(path), difference.where, difference.largest, largest_probe_difference);
}

}  // namespace coil
