#include "runtime/measure/sample_model.hpp"

#include <algorithm>
#include <limits>

#include "compiler/graph/faces.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/text/random.hpp"
#include "runtime/train/trainer.hpp"

namespace coil {
namespace {

// Characters without upper and lower case, from here on.
constexpr char32_t first_character = 0x4E00;
constexpr std::int64_t most_characters = 4096;

// As many as every input can name and every output predict.
Vocabulary unknown_characters(const Graph& graph, const TextFace& face) {
  std::int64_t count = std::min(most_characters, static_cast<std::int64_t>(face.classes));
  for (const FedInput& fed : fed_inputs(graph)) {
    const auto& input = std::get<InputAttributes>(graph.node(fed.leaf).attributes);
    if (input.bound != 0) count = std::min(count, input.bound);
  }
  std::string characters;
  for (std::int64_t i = 0; i < count; ++i)
    append_utf8(characters, first_character + static_cast<char32_t>(i));
  return Vocabulary::from_characters(characters, graph.name);
}

// Samples::Samples, read backwards.
std::size_t length_for(Scheme scheme, std::size_t batch, std::size_t steps) {
  return scheme == Scheme::windows ? batch + steps : batch * steps + 1;
}

}  // namespace

Model sample_of(const Model& model) {
  Model sample = Model::from({model.graph, model.graph, model.parameters});
  sample.vocabulary = model.vocabulary;
  sample.letters = model.letters;
  if (!model.has_weights)
    initialize_weights(sample, 1);
  else
    for (const StoredWeight& weight : stored_weights(model.graph))
      sample.store.set_stored(weight.name, model.store.stored(weight.name));
  sample.has_weights = true;
  const auto face = text_face(sample.graph);
  if (!sample.vocabulary && face) sample.vocabulary = unknown_characters(sample.graph, *face);
  return sample;
}

std::shared_ptr<const Ranges> sample_ranges(const Model& model) {
  if (model.ranges) return model.ranges;
  auto ranges = std::make_shared<Ranges>();
  for (const NodeId id : leaves(model.graph, Op::weight))
    ranges->emplace(leaf_name(model.graph.node(id)), 1.0F);
  return ranges;
}

std::string sample_text(const Model& model, const TextFace& face, Scheme scheme,
                        std::int64_t batch) {
  const Random random(1, RandomStream::shuffle);
  // Of a vocabulary, a model may predict less than it reads.
  const std::size_t known = std::min(model.vocabulary->size(), face.classes);
  const std::size_t length =
      length_for(scheme, static_cast<std::size_t>(batch), face.window.size());
  std::string text;
  for (std::size_t i = 0; i < length; ++i)
    append_utf8(text, model.vocabulary->at(random.below(known, i)));
  return text;
}

Recipe measured_recipe(const Model& model) {
  return model.training ? model.training->recipe : usual_recipe(model);
}

}  // namespace coil
