#pragma once

// Rows of a batch that each are computed by themselves, so that some of them can be computed apart from the others.

#include "compiler/plan/plan.hpp"

namespace coil {

// Whether no row of a batch meets another: whatever is computed of rows has rows too, and so have every input and
// output. What predicts is so; a loss, which is a mean over rows, is not, nor are gradients.
bool rows_are_apart(const Graph& entry);

// The same plan with its inputs and results in memory that is given: those that lie in the arena. Plans of one entry at
// different batch sizes have the same numbers for the same values.
Plan with_given_faces(Plan plan);

}  // namespace coil
