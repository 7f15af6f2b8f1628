#include "compiler/graph/faces.hpp"
#include "compiler/graph/text.hpp"

#include "runtime/artifact/artifact.hpp"
#include "runtime/model/metadata.hpp"
#include "runtime/recipe/read_recipe.hpp"

namespace coil {

void save_model(const std::string& path, const Model& model, Keep keep) {
  Prober prober(model.graph);
  save_model(path, model, keep, prober);
}

void save_model(const std::string& path, const Model& model, Keep keep, Prober& prober) {
  Artifact artifact;
  artifact.metadata[graph_key] = to_text(model.graph);
  artifact.metadata[parameters_key] = parameters_to_json(model.parameters);
  artifact.metadata[letters_key] = model.letters == LetterCase::lower ? "lower" : "as_written";
  if (model.vocabulary) artifact.metadata[vocabulary_key] = model.vocabulary->characters();
  if (model.training) {
    artifact.metadata[training_key] = training_to_json(*model.training);
    artifact.metadata[recipe_key] = print_recipe(model.training->recipe);
  }
  if (model.ranges) artifact.metadata[ranges_key] = ranges_to_json(*model.ranges);
  if (const auto probe = prober.take(model)) artifact.metadata[probe_key] = probe_to_json(*probe);
  if (model.has_weights)
    for (const StoredWeight& weight : stored_weights(model.graph))
      artifact.tensors.push_back({weight.name, weight.shape.dims, model.store.stored(weight.name)});
  artifact.tensors.insert(artifact.tensors.end(), model.training_tensors.begin(),
                          model.training_tensors.end());
  save_artifact(path, artifact, keep);
}

}  // namespace coil
