#pragma once

// What a program of an entry with a loss is fed: characters, targets, and the numbers of the step.

#include <limits>

#include "runtime/execute/program.hpp"
#include "runtime/model/model.hpp"
#include "runtime/text/batches.hpp"

namespace coil {

// Each is fed where the entry has an input for it.
struct StepNumbers {
  double seed = 0;  // of what is dropped out
  double step = 0;  // as well
  double rate = 0;
  double update =
      1;  // Adam's, from 1; as a float exact up to 2^24, long after its correction has become one
  double momentum = 0;
  double clip = std::numeric_limits<double>::infinity();
  double decay = 0;
};

// The characters of the batch's windows alone.
void feed_characters(Program& program, const TextFace& face, const Batch& batch);

void feed(Program& program, const TextFace& face, const Batch& batch, const StepNumbers& numbers);

}  // namespace coil
