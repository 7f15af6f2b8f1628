#include "compiler/graph/text.hpp"

#include "runtime/artifact/artifact.hpp"
#include "runtime/model/metadata.hpp"

namespace coil {
namespace {

Tensor tensor_of(const Node& weight, const Store& store) {
  const std::string name(leaf_name(weight));
  const auto values = store.values(name);
  return {name, weight.types[0].shape.dims, {values.begin(), values.end()}};
}

}  // namespace

void save_model(const std::string& path, const Model& model) {
  Artifact artifact;
  artifact.metadata[graph_key] = to_text(model.graph);
  artifact.metadata[parameters_key] = parameters_to_json(model.parameters);
  artifact.metadata[letters_key] = model.letters == LetterCase::lower ? "lower" : "as_written";
  if (model.vocabulary) artifact.metadata[vocabulary_key] = model.vocabulary->characters();
  if (model.training) artifact.metadata[training_key] = training_to_json(*model.training);
  if (model.has_weights)
    for (const NodeId id : leaves(model.graph, Op::weight))
      artifact.tensors.push_back(tensor_of(model.graph.node(id), model.store));
  save_artifact(path, artifact);
}

}  // namespace coil
