#include "runtime/model/model.hpp"

#include "compiler/graph/faces.hpp"
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

std::optional<std::string> strange_output(const Graph& graph) {
  const auto updated = output_leaves(graph);
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const Output& output = graph.outputs[i];
    if (output.kind == OutputKind::result) continue;
    const bool is_state =
        output.kind == OutputKind::update && updated[i] && graph.node(*updated[i]).op == Op::state;
    if (!is_state) return output.name;
  }
  return std::nullopt;
}

void require_trained(const Model& model) {
  if (!model.has_weights || !model.vocabulary)
    fail(ExitCode::bad_artifact,
         "model {} has not been trained; `coil train` gives it weights and a vocabulary",
         model.graph.name);
}

void check_vocabulary(const Model& model) {
  const auto characters = static_cast<std::int64_t>(model.vocabulary->size());
  for (const FedInput& fed : fed_inputs(model.graph)) {
    const auto& input = std::get<InputAttributes>(model.graph.node(fed.leaf).attributes);
    if (input.bound != 0 && characters > input.bound)
      fail(ExitCode::bad_text, "{} characters, but input '{}' counts to {}", characters, fed.name,
           input.bound);
  }
}

}  // namespace coil
