#include "runtime/model/probe_form.hpp"

#include "compiler/graph/faces.hpp"

namespace coil {
namespace {

constexpr std::size_t most_kept = 512;

std::size_t elements_of_row(const Type& type) {
  return static_cast<std::size_t>(count(type.shape, 1));
}

}  // namespace

std::size_t ProbeField::stride() const { return all == 0 ? 1 : (all + most_kept - 1) / most_kept; }

std::size_t ProbeField::kept() const { return (all + stride() - 1) / stride(); }

std::optional<ProbeForm> probe_form(const Graph& graph) {
  ProbeForm form;
  std::size_t asked = 0, kept = 0;
  for (const FedInput& input : fed_inputs(graph)) {
    const auto& leaf = std::get<InputAttributes>(graph.node(input.leaf).attributes);
    form.inputs.push_back({input.name, elements_of_row(input.type), leaf.bound});
    asked += form.inputs.back().all;
  }
  for (const NodeId id : leaves(graph, Op::state)) {
    const Node& leaf = graph.node(id);
    if (!leaf.types[0].shape.is_batched()) continue;
    form.states.push_back({std::string(leaf_name(leaf)), elements_of_row(leaf.types[0]), 0});
    asked += form.states.back().all;
    kept += form.states.back().kept();
  }
  for (const Output& output : graph.outputs) {
    if (output.kind != OutputKind::result) continue;
    form.outputs.push_back({output.name, elements_of_row(graph.type(output.value)), 0});
    kept += form.outputs.back().kept();
  }
  if (asked > most_probe_numbers || kept > most_probe_numbers) return std::nullopt;
  return form;
}

}  // namespace coil
