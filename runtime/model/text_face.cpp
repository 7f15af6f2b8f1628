#include <algorithm>
#include <fmt/format.h>

#include "compiler/graph/faces.hpp"
#include "compiler/graph/op_record.hpp"
#include "compiler/passes/attach_loss.hpp"

#include "runtime/model/model.hpp"

namespace coil {
namespace {

using Reason = std::optional<std::string>;

// The places of one input: one for [batch], one a step for [batch, steps].
Reason add_places(const Node& input, TextFace& face) {
  const Type& type = input.types[0];
  const bool is_characters =
      type.element == Element::index && type.shape.is_batched() && type.shape.rank() <= 2;
  if (!is_characters)
    return fmt::format("input '{}' is {}, which is no character and no sequence of them",
                       leaf_name(input), to_string(type));
  const auto steps = static_cast<std::size_t>(type.shape.rank() == 2 ? type.shape.last() : 1);
  for (std::size_t step = 0; step < steps; ++step)
    face.window.push_back({std::string(leaf_name(input)), step, steps});
  return std::nullopt;
}

Reason read_inputs(const Graph& graph, TextFace& face) {
  std::optional<NodeId> last;
  for (const FedInput& input : fed_inputs(graph)) {
    if (input.type.shape.rank() > 1) face.takes_sequence = true;
    if (last == input.leaf) continue;  // a part of the leaf before
    last = input.leaf;
    if (Reason why = add_places(graph.node(input.leaf), face)) return why;
  }
  if (face.window.empty()) return "it has no inputs";
  return std::nullopt;
}

Reason read_output(const Graph& graph, TextFace& face) {
  const auto is_result = [](const Output& o) { return o.kind == OutputKind::result; };
  if (std::ranges::count_if(graph.outputs, is_result) != 1) return "it has not one output";
  const Output& output = *std::ranges::find_if(graph.outputs, is_result);
  const Node& node = graph.node(output.value.node);
  const Shape& shape = graph.type(output.value).shape;
  const auto steps = static_cast<std::int64_t>(face.window.size());
  const bool fits = is_probability(graph, output.value) && shape.is_batched() &&
                    (shape.rank() == 2 || (shape.rank() == 3 && shape.dims[1] == steps));
  if (!fits)
    return fmt::format("its output is a {} {}, not one prediction or one for each character",
                       to_string(node.op), to_string(shape));
  face.output = output.name;
  face.predictions = shape.rank() == 3 ? face.window.size() : 1;
  face.classes = static_cast<std::size_t>(shape.last());
  return std::nullopt;
}

}  // namespace

std::optional<TextFace> text_face(const Graph& graph, std::string* why) {
  TextFace face;
  face.has_states = !leaves(graph, Op::state).empty();
  Reason reason = read_inputs(graph, face);
  if (!reason) reason = read_output(graph, face);
  if (!reason) return face;
  if (why) *why = *reason;
  return std::nullopt;
}

}  // namespace coil
