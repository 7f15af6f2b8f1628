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

// Predicts characters, batch 1, from a window of the last ones.
class Generator {
 public:
  // RunError (bad_artifact or usage) where the model has no weights or vocabulary, does not predict
  // characters, or the temperature is negative or not a number.
  Generator(Model& model, const GenerateOptions& options);

  // How many characters a prediction looks at.
  std::size_t window() const { return inputs_.size(); }

  // Sets the text so far. Lower-cased first where the model was trained so. A prompt shorter than the
  // window is filled with spaces on the left; returns how many. RunError (bad_text) for a character
  // outside the vocabulary, unless `unknown` says otherwise.
  std::size_t prompt(const std::string& text, UnknownPolicy unknown = {});

  // What may come next, the likeliest first.
  std::vector<Candidate> candidates();

  // Chooses the next character and goes on from there.
  char32_t next();

 private:
  std::span<const float> predict();

  Model& model_;
  GenerateOptions options_;
  std::vector<std::string> inputs_;
  Executable executable_;
  std::vector<std::int32_t> window_;
  std::uint64_t drawn_ = 0;
};

}  // namespace coil
