#pragma once

// Going through a text in order, to measure and not to learn: what evaluating and validating share.

#include <functional>

#include "runtime/execute/executable.hpp"
#include "runtime/model/model.hpp"
#include "runtime/text/batches.hpp"

namespace coil {

// How a text becomes samples for that. Streams are as many as it has windows for, at most `batch`, which is positive.
SampleOptions in_order_options(std::size_t characters, const TextFace& face, Scheme scheme,
                               std::int64_t batch);

struct InOrder {
  std::function<void(Program&, const Batch&)> feed;
  // After each run, with the number of samples done so far; false stops there.
  std::function<bool(Program&, std::size_t done)> after;
};

// Runs all samples, batch by batch. With streams the states start from zero and are carried through; else each
// batch starts from zero. `batch` is scratch.
void run_in_order(const Samples& samples, Executable& executable, Batch& batch, const InOrder& in);

}  // namespace coil
