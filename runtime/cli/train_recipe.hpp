#pragma once

// The recipe that a command line means: a file's or the usual one, with the options' words over it.

#include "runtime/cli/train_options.hpp"
#include "runtime/recipe/recipe.hpp"

namespace coil::cli {

// `base` with what --recipe says over it, and over that what the options say. RunError: io, or usage where the
// options do not go together. A mistake in the file is told on stderr, and Reported is thrown.
Recipe effective_recipe(const TrainOptions& options, const Recipe& base);

// RunError (usage) that names the first setting which `wanted` has otherwise than `before`, though a run that
// goes on cannot change it: all but phases and patience.
void require_same_run(const std::string& out, const Recipe& before, const Recipe& wanted);

}  // namespace coil::cli
