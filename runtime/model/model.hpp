#pragma once

// A model as commands hold it: its graph, its characters, its weights, and how it was trained. On disk it
// is a .coil file.

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/compile/compile.hpp"
#include "compiler/passes/lowering.hpp"
#include "compiler/passes/ranges.hpp"

#include "runtime/artifact/atomic_file.hpp"
#include "runtime/artifact/tensor.hpp"
#include "runtime/execute/store.hpp"
#include "runtime/model/probe.hpp"
#include "runtime/recipe/recipe.hpp"
#include "runtime/text/corpus.hpp"
#include "runtime/text/vocabulary.hpp"

namespace coil {

// How far a model's training has come: kept in the artifact, for people and for going on. A resumed run makes
// every further bit as one that was never stopped, so all of it is exact.
struct Training {
  Recipe recipe;
  std::int64_t epochs = 0;                                 // finished
  std::int64_t steps = 0;                                  // updates made, in all epochs
  double loss = std::numeric_limits<double>::quiet_NaN();  // mean of the last finished epoch, nats
  double validation_loss =
      std::numeric_limits<double>::quiet_NaN();  // after it, of the text held out

  // The epoch that was begun.
  std::int64_t step = 0;  // updates made in it
  double loss_sum = 0;    // over its samples so far

  // The optimizer, whose moments are tensors of the file.
  Optimizer optimizer = Optimizer::adam;
  std::int64_t updates = 0;  // since it began

  double first_loss = std::numeric_limits<double>::quiet_NaN();  // of the first step of the run
  double best_validation = std::numeric_limits<double>::quiet_NaN();
  std::int64_t epochs_since_best = 0;

  // Which text: its characters, and a hash of their numbers in the vocabulary, 32 hexadecimal digits.
  std::int64_t characters = 0;
  std::string text_hash;

  // By which its steps ran last: another rounds otherwise, so that a run which resumes keeps to it unless told. None in
  // files of before it was kept.
  std::optional<Lowering> lowering;
};

class Model {
 public:
  Graph graph;  // canonical
  std::vector<EffectiveParameter> parameters;
  std::optional<Vocabulary> vocabulary;  // known once trained
  LetterCase letters = LetterCase::lower;
  std::optional<Training> training;
  // What training needs beside its numbers: the tensors of the file whose names begin with training_prefix, as they
  // were there, unchecked until a Trainer resumes and takes them. A Trainer puts them here for as long as it saves.
  std::vector<Tensor> training_tensors;
  std::optional<Probe>
      probe;  // of the file that it was loaded from, perhaps of weights since changed
  // Of a model that was calibrated: what products in int8 are scaled by. Null where it was not, or its weights have
  // changed since.
  std::shared_ptr<const Ranges> ranges;
  bool has_weights = false;
  Store store;  // holds the graph's weights, zeroed until has_weights

  // RunError (bad_text) past most_parameters.
  static Model from(Compiled compiled);
};

// Begins the names of tensors that only training needs (which: runtime/train/run_state.hpp). No weight's does.
inline constexpr std::string_view training_prefix = "training/";

// Elements of all weights together, 4 GiB of floats: what a file may claim without holding it.
inline constexpr std::int64_t most_parameters = std::int64_t{1} << 30;

// The name of an output that no model has: it is neither a result nor the new value of a state.
std::optional<std::string> strange_output(const Graph& graph);

// RunError (bad_text) where an input of the model cannot name every character of its vocabulary.
void check_vocabulary(const Model& model);

// RunError (bad_artifact) where it has no weights or no vocabulary.
void require_trained(const Model& model);

// RunError: io, or bad_artifact where the file, its graph, its vocabulary or its weights do not fit
// together.
enum class LoadFor : std::uint8_t {
  all,
  predicting,  // without training_tensors, which are twice as large as the weights
};
Model load_model(const std::string& path, LoadFor use = LoadFor::all);

// The newest checkpoint that can be read: `path`, or where that is damaged or gone the one before it.
struct Newest {
  Model model;
  std::string path;     // that it is from
  std::string warning;  // why not `path`; empty where it is
};
// RunError as load_model's of `path` where neither can be read.
Newest load_newest(const std::string& path);

// Atomically; equal models give equal bytes, with a probe of the weights as they are now. RunError (io). With Keep::previous the file that was there is kept
// as previous_path(path), in runtime/artifact/atomic_file.hpp.
void save_model(const std::string& path, const Model& model, Keep keep = Keep::nothing);
// The same by who saves again and again, and keeps what takes the probe.
void save_model(const std::string& path, const Model& model, Keep keep, Prober& prober);

// The tensors of a plain safetensors file over the model's weights, by name. RunError (bad_artifact) names
// every tensor that is missing, left over or of another shape.
void load_weights(const std::string& path, Model& model);

// Fresh weights by each one's initializer (Keras's): a function of the seed alone.
void initialize_weights(Model& model, std::uint64_t seed);

// The stored name of a weight that holds an infinity or a NaN.
std::optional<std::string> broken_weight(const Model& model);

// What a model makes of a text.
struct TextFace {
  // Where a character goes: for row n of a batch, to element n * stride + offset of an input leaf.
  struct Place {
    std::string leaf;
    std::size_t offset = 0;
    std::size_t stride = 1;
  };
  std::vector<Place> window;  // one for each character that a call reads, in the order of the text
  std::string output;         // the result that holds probabilities
  std::size_t predictions =
      1;  // a row: of the character after the window, or after each of its characters
  std::size_t classes = 0;  // of a prediction
  bool takes_sequence =
      false;  // as the text of the model has it, not put together from inputs of one step
  bool has_states = false;
};

// Nothing but why not where the model does not take characters alone, or does not predict one by a softmax
// after the window ([batch, classes]) or after each of its characters ([batch, steps, classes]).
std::optional<TextFace> text_face(const Graph& graph, std::string* why = nullptr);

}  // namespace coil
