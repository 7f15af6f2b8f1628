#pragma once

#include <functional>

#include "runtime/execute/executable.hpp"
#include "runtime/model/model.hpp"
#include "runtime/text/batches.hpp"

namespace coil {

struct EvaluateOptions {
  Scheme scheme = Scheme::windows;
  std::int64_t batch = 512;  // with streams at most as many as the text has a window for
  Execution execution = 1;
};

// In the scheme that is given or else that the model was trained in, and as many samples at a time as are usual in it.
EvaluateOptions usual_evaluation(const Model& model, std::optional<Scheme> scheme = std::nullopt);

// How well a model predicts a text. Every prediction counts the same.
struct Evaluation {
  std::int64_t predictions = 0;
  std::int64_t correct = 0;  // where the likeliest character was the right one
  double loss_sum = 0;       // nats

  double loss() const { return loss_sum / static_cast<double>(predictions); }
  double perplexity() const;          // e ^ loss
  double bits_per_character() const;  // loss / ln 2
  double accuracy() const {
    return static_cast<double>(correct) / static_cast<double>(predictions);
  }
};

// Measures a model on a text, in samples as training makes them (batches.hpp); nothing is learnt or dropped out. With
// streams the states are zero at their starts and carried through; else at the start of each sample.
class Evaluator {
 public:
  // RunError (bad_artifact) where the model has no weights or vocabulary, or does not predict characters; (bad_text)
  // where a character is not in the vocabulary, unless `unknown` says otherwise, the text has one that the model has no
  // output for, or is too short; (usage) for a batch below one. `text` is in the case that the model reads; `name`
  // is its name.
  Evaluator(Model& model, std::string_view text, const std::string& name,
            const EvaluateOptions& options, UnknownPolicy unknown = {});

  // Where given, called after each run, to look at what it gave.
  std::function<void(const Program&)> on_run;

  const Samples& samples() const { return samples_; }
  std::int64_t characters() const { return std::ssize(text_); }

  // `after_batch` is called with the number of samples done so far, and returns false to stop there.
  Evaluation run(const std::function<bool(std::int64_t, const Evaluation&)>& after_batch);

 private:
  void count(Program& program, Evaluation& evaluation) const;

  TextFace face_;
  std::vector<std::int32_t> text_;
  Samples samples_;
  Executable executable_;
  Batch batch_;
};

}  // namespace coil
