#pragma once

// A model as commands hold it: its graph, its characters, its weights, and how it was trained. On disk it
// is a .coil file.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/compile/compile.hpp"

#include "runtime/execute/store.hpp"
#include "runtime/text/corpus.hpp"
#include "runtime/text/vocabulary.hpp"

namespace coil {

// How a model came by its weights. Kept in the artifact, for people and for going on.
struct Training {
  std::string scheme = "blocks";
  std::int64_t batch = 0;
  double learning_rate = 0;
  std::uint64_t seed = 0;
  std::int64_t epochs = 0;  // finished
  std::int64_t steps = 0;   // updates made
  double loss = 0;          // mean of the last finished epoch, in nats; NaN before the first
};

class Model {
 public:
  Graph graph;  // canonical
  std::vector<EffectiveParameter> parameters;
  std::optional<Vocabulary> vocabulary;  // known once trained
  LetterCase letters = LetterCase::lower;
  std::optional<Training> training;
  bool has_weights = false;
  Store store;  // holds the graph's weights, zeroed until has_weights

  // RunError (bad_text) past most_parameters.
  static Model from(Compiled compiled);
};

// Elements of all weights together, 4 GiB of floats: what a file may claim without holding it.
inline constexpr std::int64_t most_parameters = std::int64_t{1} << 30;

// RunError (bad_text) where an input of the model cannot name every character of its vocabulary.
void check_vocabulary(const Model& model);

// RunError: io, or bad_artifact where the file, its graph, its vocabulary or its weights do not fit
// together.
Model load_model(const std::string& path);

// Atomically; equal models give equal bytes. RunError (io).
void save_model(const std::string& path, const Model& model);

// The tensors of a plain safetensors file over the model's weights, by name. RunError (bad_artifact) names
// every tensor that is missing, left over or of another shape.
void load_weights(const std::string& path, Model& model);

// Fresh weights by each one's initializer (Keras's): a function of the seed alone.
void initialize_weights(Model& model, std::uint64_t seed);

// The index inputs in the order of the text: the characters a prediction is made from.
std::vector<std::string> character_inputs(const Graph& graph);

}  // namespace coil
