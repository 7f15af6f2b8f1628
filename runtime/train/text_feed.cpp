#include "runtime/train/text_feed.hpp"

#include <algorithm>
#include <utility>

#include "compiler/passes/attach_loss.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

double number_named(const StepNumbers& numbers, std::string_view name) {
  const std::pair<std::string_view, double> all[] = {
      {seed_name, numbers.seed},         {step_name, numbers.step},
      {rate_name, numbers.rate},         {update_number_name, numbers.update},
      {momentum_name, numbers.momentum}, {clip_name, numbers.clip},
      {decay_name, numbers.decay}};
  for (const auto& [known, number] : all)
    if (known == name) return number;
  throw InternalError(fmt::format("nothing is known to feed to '{}'", name));
}

}  // namespace

void feed_characters(Program& program, const TextFace& face, const Batch& batch) {
  for (std::size_t i = 0; i < face.window.size(); ++i) {
    const TextFace::Place& place = face.window[i];
    const auto column = batch.column(i);
    const auto input = program.index_input(place.leaf);
    for (std::size_t n = 0; n < column.size(); ++n)
      input[n * place.stride + place.offset] = column[n];
  }
}

void feed(Program& program, const TextFace& face, const Batch& batch, const StepNumbers& numbers) {
  feed_characters(program, face, batch);
  std::ranges::copy(batch.targets, program.index_input(target_name).begin());
  const Graph& graph = program.plan().graph;
  for (const Node& node : graph.nodes())
    if (node.op == Op::input && node.types[0].element == Element::real)
      program.real_input(leaf_name(node))[0] =
          static_cast<float>(number_named(numbers, leaf_name(node)));
}

}  // namespace coil
