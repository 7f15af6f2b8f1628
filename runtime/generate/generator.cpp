#include "runtime/generate/generator.hpp"

#include <algorithm>
#include <cmath>

#include "compiler/source/run_error.hpp"

#include "runtime/text/random.hpp"

namespace coil {
namespace {

void check(const Model& model, const std::vector<std::string>& inputs,
           const GenerateOptions& options) {
  if (!model.has_weights || !model.vocabulary)
    fail(ExitCode::bad_artifact,
         "model {} has not been trained; `coil train` gives it weights and a vocabulary",
         model.graph.name);
  if (inputs.empty() || inputs.size() != leaves(model.graph, Op::input).size())
    fail(ExitCode::bad_artifact, "model {} does not take characters alone", model.graph.name);
  const Graph& graph = model.graph;
  if (graph.outputs.size() != 1 || graph.node(graph.outputs[0].value.node).op != Op::softmax ||
      graph.type(graph.outputs[0].value).shape.rank() != 2)
    fail(ExitCode::bad_artifact, "model {} does not predict one character", graph.name);
  if (!(options.temperature >= 0) || std::isinf(options.temperature))
    fail(ExitCode::usage, "a temperature of {} makes no sense; 0 is greedy, 1 the model's own",
         options.temperature);
}

// Chosen with probability p^(1 / temperature), by where `u` in [0, 1) falls in their running sum.
// What underflowed to zero stays there at any temperature.
std::size_t sample(std::span<const float> probabilities, double temperature, double u) {
  const double largest = *std::ranges::max_element(probabilities);
  std::vector<double> weights;
  double total = 0;
  for (const float p : probabilities) {
    weights.push_back(p > 0 ? std::exp(std::log(p / largest) / temperature) : 0);
    total += weights.back();
  }
  double left = u * total;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    last = i;
    if (left < weights[i]) return i;
    left -= weights[i];
  }
  return last;
}

}  // namespace

Generator::Generator(Model& model, const GenerateOptions& options)
    : model_(model),
      options_(options),
      inputs_(
          (check(model, character_inputs(model.graph), options), character_inputs(model.graph))),
      executable_(model.graph, Entry::predict, model.store, options.threads) {
  prompt("");
}

std::size_t Generator::prompt(const std::string& text, UnknownPolicy unknown) {
  const Vocabulary& vocabulary = *model_.vocabulary;
  const std::string letters =
      text.empty() ? text : corpus_from_bytes(text, "the prompt", model_.letters);
  const auto characters = vocabulary.encode(letters, "the prompt", unknown);
  const std::size_t used = std::min(characters.size(), window());
  window_.assign(window(), vocabulary.index_of(U' ').value_or(0));
  std::copy(characters.end() - static_cast<std::ptrdiff_t>(used), characters.end(),
            window_.end() - static_cast<std::ptrdiff_t>(used));
  return window() - used;
}

std::span<const float> Generator::predict() {
  Program& program = executable_.at(1);
  for (std::size_t i = 0; i < inputs_.size(); ++i) program.index_input(inputs_[i])[0] = window_[i];
  program.run();
  const auto probabilities = program.output(model_.graph.outputs[0].name);
  // A model may have more outputs than the vocabulary has characters.
  const auto known = probabilities.first(std::min(probabilities.size(), model_.vocabulary->size()));
  for (const float p : known)
    if (!std::isfinite(p))
      fail(ExitCode::bad_artifact, "model {} predicts {}: its weights are broken",
           model_.graph.name, p);
  if (*std::ranges::max_element(known) == 0)
    fail(ExitCode::bad_artifact, "model {} gives no character of its vocabulary any chance",
         model_.graph.name);
  return known;
}

std::vector<Candidate> Generator::candidates() {
  const auto probabilities = predict();
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < probabilities.size(); ++i)
    all.push_back({model_.vocabulary->at(i), probabilities[i]});
  std::ranges::stable_sort(all, std::ranges::greater{}, &Candidate::probability);
  return all;
}

char32_t Generator::next() {
  const auto probabilities = predict();
  std::size_t chosen = 0;
  if (options_.temperature == 0) {
    chosen =
        static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
  } else {
    const Random random(options_.seed, RandomStream::sample);
    chosen = sample(probabilities, options_.temperature, random.uniform01(drawn_++));
  }
  std::rotate(window_.begin(), window_.begin() + 1, window_.end());
  window_.back() = static_cast<std::int32_t>(chosen);
  return model_.vocabulary->at(chosen);
}

}  // namespace coil
