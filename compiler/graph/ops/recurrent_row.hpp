#pragma once

// One row of a batch through a well-known cell, forwards and back, in double precision.

#include <span>
#include <vector>

#include "compiler/graph/attributes.hpp"

namespace coil::records {

// Of one step; `gates` are what their functions gave.
struct RecurrentStep {
  std::vector<double> x, h, c;  // what came in
  std::vector<double> gates;
  std::vector<double>
      candidate_left;  // what the last gate's recurrent kernel was multiplied by: h, or r * h
  std::vector<double> candidate;  // gru_reset_after: h @ U + recurrent bias
  std::vector<double> next_h, next_c;
};

// Matrices by rows. As gradients they are added to.
template <typename Number>
struct RecurrentWeights {
  std::span<Number> kernel, recurrent_kernel, bias, recurrent_bias;
};

class RecurrentRow {
 public:
  RecurrentRow(RecurrentAttributes attributes, std::size_t units,
               RecurrentWeights<const double> weights);

  RecurrentStep step(std::vector<double> x, std::vector<double> h, std::vector<double> c) const;

  // From the gradients of next_h and next_c, which become those of h and c. Gives that of x.
  std::vector<double> step_back(const RecurrentStep& step, std::vector<double>& dh,
                                std::vector<double>& dc, RecurrentWeights<double> to) const;

 private:
  // Of the sums in front of the gates' functions.
  struct SumGradients {
    std::vector<double> sums;       // by all of it
    std::vector<double> recurrent;  // by what the recurrent kernel gave
  };

  std::span<const double> gate(const RecurrentStep& step, std::size_t g) const;
  std::size_t candidate_gate() const { return gates_ - 1; }
  // v @ (columns of gate g).
  std::vector<double> times(std::span<const double> v, std::span<const double> matrix,
                            std::size_t g) const;
  void compute_vanilla(RecurrentStep& step) const;
  void compute_lstm(RecurrentStep& step) const;
  void compute_gru(RecurrentStep& step) const;
  std::vector<double> sum(const RecurrentStep& step, std::size_t g) const;

  SumGradients through_vanilla(const RecurrentStep& step, std::vector<double>& dh) const;
  SumGradients through_lstm(const RecurrentStep& step, std::vector<double>& dh,
                            std::vector<double>& dc) const;
  SumGradients through_gru(const RecurrentStep& step, std::vector<double>& dh,
                           RecurrentWeights<double> to) const;

  RecurrentAttributes attributes_;
  std::size_t units_, gates_;
  RecurrentWeights<const double> weights_;
};

}  // namespace coil::records
