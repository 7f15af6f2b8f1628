#pragma once

#include <string>

#include "runtime/model/model.hpp"
#include "runtime/text/batches.hpp"
#include "runtime/train/run_state.hpp"
#include "runtime/train/text_feed.hpp"

namespace coil {

// What of a training step is the first that is not finite, in words ("the gradient of 'lstm.kernel' is not
// finite"): a weight, a state, the logits, the loss, then the gradients in the order in which they are computed.
// The step is made again for that, from the states it began with. It must not have changed the weights.
std::string first_broken(Model& model, const TextFace& face, const Batch& batch,
                         const StepNumbers& numbers, const Carried& states, int threads);

}  // namespace coil
