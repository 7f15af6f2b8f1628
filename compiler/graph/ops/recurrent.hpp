#pragma once

// Where what a `recurrent` takes and gives stands among its operands and results.

#include "compiler/graph/graph.hpp"

namespace coil {

struct RecurrentPlaces {
  explicit RecurrentPlaces(RecurrentCell cell)
      : has_c(cell == RecurrentCell::lstm),
        has_recurrent_bias(cell == RecurrentCell::gru_reset_after),
        gates(cell == RecurrentCell::vanilla ? 1
              : cell == RecurrentCell::lstm  ? 4
                                             : 3),
        multiplies_h_only(cell == RecurrentCell::vanilla || cell == RecurrentCell::lstm) {}

  bool has_c, has_recurrent_bias;
  std::int64_t gates;
  // Whether a step reads h by its recurrent kernel alone. Others carry h itself on, which takes all bits of it.
  bool multiplies_h_only;

  // Operands.
  static constexpr std::size_t src = 0, h = 1, c = 2;
  std::size_t kernel = has_c ? 3 : 2;
  std::size_t recurrent_kernel = kernel + 1;
  std::size_t bias = kernel + 2;
  std::size_t recurrent_bias = kernel + 3;
  std::size_t operands = has_recurrent_bias ? kernel + 4 : kernel + 3;

  // Whether that operand is a side of products, which has fewer bits where they are rounded.
  bool is_multiplied(std::size_t operand) const {
    return operand == src || operand == h || operand == kernel || operand == recurrent_kernel;
  }

  // Results.
  static constexpr std::size_t sequence = 0, last_h = 1, last_c = 2;
  std::size_t results = has_c ? 3 : 2;

  // Operands of a `recurrent_grad`: those of the forward node, its results from here on, and their gradients.
  std::size_t forward_results() const { return operands; }
  std::size_t gradients() const { return operands + results; }
};

}  // namespace coil
