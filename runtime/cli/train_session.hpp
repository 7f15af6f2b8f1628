#pragma once

// What a training starts from.

#include <string>

#include "runtime/cli/train_options.hpp"
#include "runtime/model/model.hpp"
#include "runtime/train/trainer.hpp"

namespace coil::cli {

struct TrainSession {
  Model model;  // with vocabulary and weights
  Recipe recipe;
  std::string text;  // as the model is to see it: its case, and no character that it does not know
  Start start = Start::fresh;
};

// Opens the model, or with --resume what OUT.coil holds; finds the recipe; reads the corpus. RunError, or
// Reported, for what does not fit together.
TrainSession begin_session(const TrainOptions& options);

}  // namespace coil::cli
