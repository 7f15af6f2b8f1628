#pragma once

#include <functional>

#include "runtime/execute/executable.hpp"
#include "runtime/model/model.hpp"

namespace coil {

struct GenerateOptions {
  double temperature = 0;  // 0: always the likeliest character
  std::uint64_t seed = 1;
  int threads = 1;
};

struct Candidate {
  char32_t character = 0;
  double probability = 0;
};

// Predicts characters, batch 1: a model without states from a window of the last characters, one with states
// from all of them, which it reads one by one.
class Generator {
 public:
  // RunError (bad_artifact or usage) where the model has no weights or vocabulary, does not predict
  // characters, has states and cannot read one character a call, or the temperature is negative or not a
  // number.
  Generator(Model& model, const GenerateOptions& options);

  // How many characters a call reads.
  std::size_t window() const { return face_.window.size(); }

  // Sets the text so far, from zeroed states. Lower-cased first where the model was trained so. A prompt
  // shorter than the window is filled with spaces on the left; returns how many. RunError (bad_text) for a character
  // outside the vocabulary, unless `unknown` says otherwise.
  std::size_t prompt(const std::string& text, UnknownPolicy unknown = {});

  // What may come next, the likeliest first.
  std::vector<Candidate> candidates();

  // Chooses the next character and goes on from there.
  char32_t next();

 private:
  void read(std::span<const std::int32_t> window);
  std::span<const float> predict();

  Model& model_;
  GenerateOptions options_;
  Graph graph_;  // the model's, or with states one step of it
  TextFace face_;
  Executable executable_;
  std::vector<std::int32_t> text_;  // the window; with states what was not read yet
  std::uint64_t drawn_ = 0;
};

}  // namespace coil
