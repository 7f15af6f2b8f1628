#include "runtime/execute/sample_inputs.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "compiler/passes/attach_loss.hpp"

#include "runtime/text/random.hpp"

namespace coil {
namespace {

// The numbers of a step, by the input that takes each.
std::optional<double> number_of_step(const std::string& name) {
  const std::map<std::string, double> numbers = {
      {rate_name, 1e-6},
      {step_name, 1},
      {update_number_name, 1},
      {momentum_name, 0},
      {decay_name, 0},
      {seed_name, 1},
      {clip_name, std::numeric_limits<double>::infinity()}};
  const auto found = numbers.find(name);
  if (found == numbers.end()) return std::nullopt;
  return found->second;
}

std::vector<float> reals_for(const std::string& name, std::size_t count, const Random& random) {
  if (const auto number = number_of_step(name))
    return std::vector<float>(count, static_cast<float>(*number));
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(random.normal(i));
  return values;
}

}  // namespace

SampleInputs::SampleInputs(Program& program) : program_(program) {
  const Graph& graph = program_.plan().graph;
  std::uint32_t lane = 0;
  for (const NodeId id : leaves(graph, Op::input)) {
    const Node& node = graph.node(id);
    const std::string name(leaf_name(node));
    const Random random(1, RandomStream::sample, lane++);
    if (node.types[0].element == Element::real) {
      reals_[name] = reals_for(name, program_.real_input(name).size(), random);
      continue;
    }
    const auto bound = std::get<InputAttributes>(node.attributes).bound;
    auto& indices = indices_[name];
    indices.resize(program_.index_input(name).size());
    for (std::size_t i = 0; i < indices.size(); ++i)
      indices[i] = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(bound), i));
  }
}

void SampleInputs::feed() {
  for (const auto& [name, values] : indices_)
    std::ranges::copy(values, program_.index_input(name).begin());
  for (const auto& [name, values] : reals_)
    std::ranges::copy(values, program_.real_input(name).begin());
}

}  // namespace coil
