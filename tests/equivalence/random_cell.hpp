#pragma once

// A random recurrence in three spellings.

#include <string>
#include <vector>

#include "tests/support/rng.hpp"

namespace coil::test {

// How the memories begin.
enum class Start { zeros, given, states };

struct RandomCell {
  std::int64_t steps, in, units, carries;
  Start start;
  bool collects;  // the output is of all steps, else of the last
  bool has_layer_for_output;
  std::int64_t shown;                // the carry that the output is of
  std::vector<std::string> weights;  // declarations of weights and layers
  std::vector<std::string> lines;    // the step; `$x` is the element
  bool is_recurrence;                // whether what is shown needs a memory that needs itself
};

RandomCell random_cell(Rng& rng);

// The steps one below the other, over an indexed sequence or over inputs of their own.
std::string as_pasted(const RandomCell& cell, bool separate_inputs);
std::string as_loop(const RandomCell& cell);
// A cell on the whole sequence, or on one element after another.
std::string as_cell(const RandomCell& cell, bool on_elements);

}  // namespace coil::test
