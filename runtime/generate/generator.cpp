#include "runtime/generate/generator.hpp"

#include <algorithm>
#include <cmath>

#include "compiler/passes/retime.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/text/random.hpp"

namespace coil {
namespace {

// What is run. Throws where that cannot generate.
Graph generating_graph(const Model& model, const GenerateOptions& options) {
  if (!model.has_weights || !model.vocabulary)
    fail(ExitCode::bad_artifact,
         "model {} has not been trained; `coil train` gives it weights and a vocabulary",
         model.graph.name);
  std::string why;
  const auto face = text_face(model.graph, &why);
  if (!face)
    fail(ExitCode::bad_artifact, "model {} does not write text: {}", model.graph.name, why);
  if (!(options.temperature >= 0) || std::isinf(options.temperature))
    fail(ExitCode::usage, "a temperature of {} makes no sense; 0 is greedy, 1 the model's own",
         options.temperature);
  if (!face->has_states) return model.graph;
  auto one_step = retime(model.graph, &why);
  if (!one_step)
    fail(ExitCode::bad_artifact,
         "model {} has a memory, and cannot read one character after the other: {}",
         model.graph.name, why);
  return std::move(*one_step);
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
      graph_(generating_graph(model, options)),
      face_(*text_face(graph_)),
      executable_(graph_, Entry::predict, model.store, options.threads) {
  prompt("");
}

std::size_t Generator::prompt(const std::string& text, UnknownPolicy unknown) {
  const Vocabulary& vocabulary = *model_.vocabulary;
  const std::string letters =
      text.empty() ? text : corpus_from_bytes(text, "the prompt", model_.letters);
  text_ = vocabulary.encode(letters, "the prompt", unknown);
  const std::size_t missing = window() - std::min(text_.size(), window());
  text_.insert(text_.begin(), missing, vocabulary.index_of(U' ').value_or(0));
  if (face_.has_states)
    executable_.at(1).reset_states();
  else
    text_.erase(text_.begin(), text_.end() - static_cast<std::ptrdiff_t>(window()));
  return missing;
}

void Generator::read(std::span<const std::int32_t> window) {
  Program& program = executable_.at(1);
  for (std::size_t i = 0; i < window.size(); ++i)
    program.index_input(face_.window[i].leaf)[face_.window[i].offset] = window[i];
  program.run();
}

std::span<const float> Generator::predict() {
  if (face_.has_states) {
    for (std::size_t i = 0; i < text_.size(); ++i) read(std::span(text_).subspan(i, 1));
    text_.clear();
  } else {
    read(text_);
  }
  const auto probabilities = executable_.at(1).output(face_.output).last(face_.classes);
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
  if (!face_.has_states) text_.erase(text_.begin());
  text_.push_back(static_cast<std::int32_t>(chosen));
  return model_.vocabulary->at(chosen);
}

}  // namespace coil
