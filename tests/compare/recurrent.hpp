#pragma once

// Small recurrent models in canonical form, with room for one thing to be different.

#include "tests/support/sketch.hpp"

namespace coil::test {

inline constexpr std::int64_t vocab = 57, factors = 42;

struct Variant {
  std::int64_t steps = 8;
  std::int64_t hidden = 256;
  bool encode = false;    // relu(dense(e)) before the cell
  bool tied = false;      // one kernel for what comes in and what is carried
  bool bias = true;       // of the cell
  bool stateful = false;  // the first value is a state
  bool reverse = false;
  Op activation = Op::tanh;  // of the cell
  Op head = Op::softmax;
};

// index[batch, steps] |> embedding |> (dense) |> simple_rnn |> last |> dense(vocab, softmax). Nodes have the
// line of their layer: 1 embedding, 2 encode, 3 the cell, 4 decode.
Graph simple_rnn(const Variant& variant = {});

// A cell that carries two values: s' = tanh(x + s), h' = s' * sigmoid(h). `crossed` exchanges them.
enum class Crossed { nothing, in_the_body, in_the_end };
Graph two_carries(Crossed crossed = Crossed::nothing);

}  // namespace coil::test
