#include <algorithm>
#include <iterator>

#include "compiler/graph/forms.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/artifact/artifact.hpp"
#include "runtime/model/metadata.hpp"
#include "runtime/model/weights.hpp"
#include "runtime/recipe/read_recipe.hpp"

namespace coil {
namespace {

const std::string* find(const Artifact& artifact, const char* key) {
  const auto found = artifact.metadata.find(key);
  return found == artifact.metadata.end() ? nullptr : &found->second;
}

const std::string& get(const Artifact& artifact, const char* key, const std::string& path) {
  const std::string* found = find(artifact, key);
  if (!found) fail(ExitCode::bad_artifact, "{}: has no {}", path, key);
  return *found;
}

LetterCase letters_of(const std::string& word, const std::string& path) {
  if (word == "lower") return LetterCase::lower;
  if (word == "as_written") return LetterCase::as_written;
  fail(ExitCode::bad_artifact, "{}: {} is '{}'", path, letters_key, word);
}

// The model's indices can name every character.
void check_vocabulary_of(const Model& model, const std::string& path) {
  try {
    check_vocabulary(model);
  } catch (const RunError& error) {
    fail(ExitCode::bad_artifact, "{}: {}", path, error.what());
  }
}

void check_leaves(const Graph& graph, const std::string& path) {
  const std::int64_t parameters = count_parameters(graph);
  if (parameters > most_parameters)
    fail(ExitCode::bad_artifact, "{}: its graph has {} parameters, more than {}", path, parameters,
         most_parameters);
}

Graph graph_of(const Artifact& artifact, const std::string& path) {
  Graph graph = graph_from_text(get(artifact, graph_key, path), path + " (coil.graph)");
  std::string why;
  if (!is_canonical(graph, &why))
    fail(ExitCode::bad_artifact, "{}: its graph is not canonical: {}", path, why);
  if (!is_model(graph, &why)) fail(ExitCode::bad_artifact, "{}: its graph is none: {}", path, why);
  check_leaves(graph, path);
  if (const auto strange = strange_output(graph))
    fail(ExitCode::bad_artifact, "{}: its graph updates '{}'", path, *strange);
  return graph;
}

std::optional<Training> training_of(const Artifact& artifact, const std::string& path) {
  const std::string* numbers = find(artifact, training_key);
  if (!numbers) return std::nullopt;
  if (!find(artifact, recipe_key))
    fail(
        ExitCode::bad_artifact,
        "{}: it has {} without {}: an earlier Coil trained it; compile its model and train it anew",
        path, training_key, recipe_key);
  Training training = training_from_json(*numbers, path);
  training.recipe =
      recipe_from_text(get(artifact, recipe_key, path), fmt::format("{} ({})", path, recipe_key));
  return training;
}

bool is_of_no_training(std::string_view name) { return !name.starts_with(training_prefix); }

void take_tensors(std::vector<Tensor> tensors, const std::string& path, Model& model) {
  const auto of_training =
      std::stable_partition(tensors.begin(), tensors.end(),
                            [](const Tensor& tensor) { return is_of_no_training(tensor.name); });
  model.training_tensors.assign(std::make_move_iterator(of_training),
                                std::make_move_iterator(tensors.end()));
  tensors.erase(of_training, tensors.end());
  if (!tensors.empty()) set_weights(tensors, path, model);
}

}  // namespace

Model load_model(const std::string& path, LoadFor use) {
  Artifact artifact = load_artifact(path, use == LoadFor::predicting ? is_of_no_training : nullptr);
  Model model;
  model.graph = graph_of(artifact, path);
  model.parameters = parameters_from_json(get(artifact, parameters_key, path), path);
  model.letters = letters_of(get(artifact, letters_key, path), path);
  if (const std::string* characters = find(artifact, vocabulary_key)) {
    model.vocabulary = Vocabulary::from_characters(*characters, path);
    check_vocabulary_of(model, path);
  }
  model.training = training_of(artifact, path);
  model.store.add_leaves_of(model.graph);
  take_tensors(std::move(artifact.tensors), path, model);
  if (const std::string* ranges = find(artifact, ranges_key))
    model.ranges = std::make_shared<Ranges>(ranges_from_json(*ranges, path, model.graph));
  if (const std::string* probe = find(artifact, probe_key); probe && model.has_weights)
    model.probe = probe_from_json(*probe, path, model.graph);
  return model;
}

}  // namespace coil
