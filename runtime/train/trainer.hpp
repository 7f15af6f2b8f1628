#pragma once

#include <functional>

#include "runtime/execute/executable.hpp"
#include "runtime/model/model.hpp"
#include "runtime/text/batches.hpp"

namespace coil {

struct TrainOptions {
  Scheme scheme = Scheme::blocks;
  int batch = 512;
  double learning_rate = 0.01;
  std::uint64_t seed = 1;
  int threads = 1;
};

// Streams for a model with states, windows for one that takes a sequence, else blocks; and what is usual with
// each.
Scheme usual_scheme(const Model& model);
TrainOptions usual_options(Scheme scheme);

// Where an epoch stands after a step.
struct StepReport {
  std::int64_t epoch = 0;        // from 1
  std::int64_t step = 0;         // in the epoch, from 1
  std::int64_t steps = 0;        // of an epoch
  std::int64_t samples = 0;      // seen in this epoch
  std::int64_t all_samples = 0;  // of an epoch
  double loss = 0;               // of this batch, nats
  double mean_loss = 0;          // over the epoch so far, each sample counting the same
};

// Trains a model on a text by Adam. Adam starts anew with each trainer: its moments are zero and its bias
// correction counts from one, since files do not hold moments. Only model.training counts on. States are
// carried from step to step through the streams of an epoch, and zero at its start; in the other schemes,
// whose samples do not follow one another, at the start of each step.
class Trainer {
 public:
  // RunError (bad_text) where the model cannot be trained on text or the text does not fit it: no weights or
  // vocabulary yet, a character past its inputs, a target past its outputs, a corpus too short for one
  // batch. RunError (usage) for a batch or a rate that is not positive, or a rate past float. `name` is the
  // corpus's.
  Trainer(Model& model, std::string_view text, const std::string& name,
          const TrainOptions& options);

  std::int64_t steps_per_epoch() const;
  std::int64_t samples() const { return static_cast<std::int64_t>(samples_.size()); }

  // One pass over the text; `after_step` returns false to stop there (Ctrl-C). True if the epoch was
  // finished. model.training is kept up to date.
  // RunError (diverged) at the first step whose loss or new weights are not all finite. The weights are
  // updated in place, so that the model then is not worth keeping. Whenever `after_step` is called and
  // whenever this returns, they are finite: a caller that saves then, and not after an error, has the last
  // finite weights in its file.
  bool run_epoch(const std::function<bool(const StepReport&)>& after_step);

 private:
  double run_step(std::span<const std::uint32_t> chosen);
  void feed(Program& program, std::span<const std::uint32_t> chosen);
  void start_adam();
  void reset_streams();
  void check_weights() const;

  Model& model_;
  TrainOptions options_;
  std::vector<std::int32_t> text_;
  TextFace face_;
  Samples samples_;
  Executable executable_;
  Batch batch_;
  std::int64_t updates_ = 0;  // since Adam started
};

}  // namespace coil
