#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>

#include "runtime/execute/executable.hpp"
#include "runtime/model/model.hpp"
#include "runtime/recipe/recipe.hpp"
#include "runtime/text/batches.hpp"
#include "runtime/train/held_out.hpp"
#include "runtime/train/run_state.hpp"
#include "runtime/train/text_feed.hpp"

namespace coil {

// Streams for a model with states, windows for one that takes a sequence, else blocks; and what is usual with
// each: one phase of Adam.
Scheme usual_scheme(const Model& model);
Recipe usual_recipe(const Model& model);

// Where an epoch stands after a step.
struct StepReport {
  std::int64_t phase = 0;        // from 1
  std::int64_t epoch = 0;        // from 1, through all phases
  std::int64_t epochs = 0;       // of all phases
  std::int64_t step = 0;         // in the epoch, from 1
  std::int64_t steps = 0;        // of an epoch
  std::int64_t samples = 0;      // seen in this epoch
  std::int64_t all_samples = 0;  // of an epoch
  double learning_rate = 0;
  double gradient_norm = 0;  // of all gradients together, before it was clipped
  double loss = 0;           // of this batch, nats
  double mean_loss = 0;      // over the epoch so far, each sample counting the same
};

enum class Start : std::uint8_t {
  fresh,   // the weights as they are, everything else anew: epochs, moments, states
  resume,  // exactly where the model's training stands
};

// Trains a model on a text as a recipe says. Where training stands is in model.training and, for the rest
// (moments, states of streams), in here; save() writes both, and a trainer that resumes from that file makes
// every further bit as this one would.
//
// The moments of an optimizer start from zero, and Adam's bias correction from one, where a fresh run begins and
// where a phase has another optimizer than the one before; never else. States are carried from step to step
// through the streams of an epoch, and are zero at its start unless the recipe never resets them; in the other
// schemes, whose samples do not follow one another, they are zero at the start of each step.
//
// With recipe.validation the end of the text is never trained on. After each epoch the loss on it is measured:
// nothing dropped out, nothing learnt, the states of training left alone; its own start from zero, and are
// carried through as many streams of it as there are, at most a batch.
class Trainer {
 public:
  // RunError (bad_text) where the model cannot be trained on text or the text does not fit it: no weights or
  // vocabulary yet, a character past its inputs, a target past its outputs, a corpus, or a held-out end of
  // it, too short for one batch. RunError (usage) for a recipe whose numbers make no sense, and where resuming
  // is asked for and `recipe` or the text part from those that training began with in what its place counts on
  // (scheme, batch, reset, seed, validation; phases to come and all the rest may change). RunError (bad_artifact)
  // where the model's file did not hold what resuming needs, or holds what cannot be. `name` is the corpus's. The
  // precision is the recipe's, whatever `execution` says.
  Trainer(Model& model, std::string_view text, const std::string& name, const Recipe& recipe,
          Execution execution, Start start = Start::fresh);

  const Recipe& recipe() const { return recipe_; }
  std::int64_t steps_per_epoch() const;
  std::int64_t samples() const { return static_cast<std::int64_t>(samples_.size()); }
  std::int64_t held_out() const;  // samples of the text's end that is only measured; 0 without

  // Every phase is through, or validation has not got better for recipe.patience epochs.
  bool done() const;
  bool stopped_early() const;

  // How steps run, and what told so; nothing where that was not left open, or kept from the run that is resumed.
  Lowering lowering() const { return *execution_.lowering; }
  const std::optional<LoweringChoice>& choice() const { return choice_; }

  // Where the epoch that is running stands, or where the next one begins; loss, norm and rate are those of the
  // last step made in here.
  StepReport report() const;

  // The rest of the epoch that is running, else the next one, which must be there: not done(). `after_step`
  // returns false to stop there (Ctrl-C), and the next call goes on as if nothing had been. True if the epoch
  // was finished, which it also is when `after_step` stops at its last step. A run resumed between the last
  // step and the end of an epoch has no steps left to report. model.training is kept up to date.
  // RunError (diverged) naming the step, the first tensor that is not finite and what to try, at the first step where the
  // gradient's norm, the loss or a new weight is not, or whose loss is over three times the first loss of the
  // run (or, where that is larger, of guessing evenly). No update with such a norm is made, but after the
  // error the model is not worth keeping all the same. Whenever `after_step` is called and whenever this
  // returns, all weights are finite: who saves then, and not after an error, has the last finite ones on disk.
  bool run_epoch(const std::function<bool(const StepReport&)>& after_step);

  // A checkpoint: model, place in the run, moments and states, as save_model() with Keep::previous writes it.
  // Also from within `after_step`.
  void save(const std::string& path);

 private:
  const Phase& phase() const;  // of the epoch that is running or the next one
  bool carries() const { return samples_.scheme() == Scheme::streams; }
  Program*
  carrying();  // the program whose states are carried between steps now; null where none are
  StepNumbers numbers() const;
  void hold_out(const std::string& name);
  void make_executable();
  void begin_run();
  void resume();
  void begin_epoch();
  void switch_optimizer();
  void run_step(std::span<const std::uint32_t> chosen);
  void check_step(bool broke_weights) const;
  [[noreturn]] void fail_diverged(const std::string& what) const;
  void end_epoch();

  Model& model_;
  Recipe recipe_;
  Execution execution_;
  std::optional<LoweringChoice> choice_;
  std::string name_;
  std::vector<std::int32_t> text_;
  TextFace face_;
  Samples samples_;
  std::optional<HeldOut> held_out_;
  Prober prober_;
  std::unique_ptr<Executable> executable_;  // of the optimizer in model.training
  std::optional<BatchOrder> order_;         // of the epoch that is running
  Batch batch_;
  Carried before_;                                          // states that the last step began with
  double loss_ = std::numeric_limits<double>::quiet_NaN();  // of the last step
  double norm_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace coil
