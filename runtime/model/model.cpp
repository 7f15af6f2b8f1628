#include "runtime/model/model.hpp"

#include <algorithm>

#include "compiler/source/run_error.hpp"

namespace coil {

Model Model::from(Compiled compiled) {
  Model model;
  model.graph = std::move(compiled.canonical);
  if (const std::int64_t parameters = count_parameters(model.graph); parameters > most_parameters)
    fail(ExitCode::bad_text, "{} has {} parameters, more than {}; give it smaller layers",
         model.graph.name, parameters, most_parameters);
  model.parameters = std::move(compiled.parameters);
  model.store.add_leaves_of(model.graph);
  return model;
}

void check_vocabulary(const Model& model) {
  const auto characters = static_cast<std::int64_t>(model.vocabulary->size());
  for (const NodeId id : leaves(model.graph, Op::input)) {
    const auto& input = std::get<InputAttributes>(model.graph.node(id).attributes);
    if (input.bound != 0 && characters > input.bound)
      fail(ExitCode::bad_text, "{} characters, but input '{}' counts to {}", characters,
           input.name.text, input.bound);
  }
}

std::vector<std::string> character_inputs(const Graph& graph) {
  std::vector<NodeId> inputs = leaves(graph, Op::input);
  std::erase_if(inputs, [&](NodeId id) {
    return graph.node(id).types[0] != Type{Element::index, {{batch_dim}}};
  });
  std::ranges::sort(inputs, {}, [&](NodeId id) {
    return std::get<InputAttributes>(graph.node(id).attributes).position;
  });
  std::vector<std::string> names;
  for (const NodeId id : inputs) names.emplace_back(leaf_name(graph.node(id)));
  return names;
}

}  // namespace coil
