#pragma once

#include "runtime/model/model.hpp"

namespace coil::test {

// Models of small_text() built by hand, ready to be trained: they know its characters and have weights.

// tanh(embed(c) @ kernel + h @ recurrent): a recurrence that reads one character a call, h its state.
Model stateful_model();

// Each character of a window of `steps` predicts the one after it, by itself.
Model bigram_model(std::int64_t steps);

// One character predicts the next through tanh(x @ kernel[:, 0:4]) * (x @ kernel[:, 4:8]): the columns 0 to 7 of a
// stored weight [8, 9] in two pieces.
Model cut_model();

}  // namespace coil::test
