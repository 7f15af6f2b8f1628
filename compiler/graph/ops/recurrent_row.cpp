#include "compiler/graph/ops/recurrent_row.hpp"

#include <algorithm>
#include <cmath>

#include "compiler/graph/ops/recurrent.hpp"
#include "compiler/graph/ops/rounding.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil::records {
namespace {

using Row = std::vector<double>;

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

double activated(Activation activation, double x) {
  switch (activation) {
    case Activation::tanh:
      return std::tanh(x);
    case Activation::sigmoid:
      return logistic(x);
    case Activation::none:
    case Activation::relu:
    case Activation::hard_sigmoid:
      break;
  }
  throw InternalError("no activation of a recurrent cell");
}

// Told from what the function gave.
double slope(Activation activation, double y) {
  switch (activation) {
    case Activation::tanh:
      return 1 - y * y;
    case Activation::sigmoid:
      return y * (1 - y);
    case Activation::none:
    case Activation::relu:
    case Activation::hard_sigmoid:
      break;
  }
  throw InternalError("no activation of a recurrent cell");
}

double tanh_slope(double y) { return slope(Activation::tanh, y); }
double logistic_slope(double y) { return slope(Activation::sigmoid, y); }

void round(Row& row) { std::ranges::transform(row, row.begin(), nearest_bf16); }

void add_to(std::span<double> to, std::span<const double> what) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += what[i];
}

}  // namespace

RecurrentRow::RecurrentRow(RecurrentAttributes attributes, std::size_t units,
                           RecurrentWeights<const double> weights)
    : attributes_(attributes),
      units_(units),
      gates_(static_cast<std::size_t>(RecurrentPlaces(attributes.cell).gates)),
      weights_(weights) {}

std::span<const double> RecurrentRow::gate(const RecurrentStep& step, std::size_t g) const {
  return std::span(step.gates).subspan(g * units_, units_);
}

Row RecurrentRow::times(std::span<const double> v, std::span<const double> matrix,
                        std::size_t g) const {
  Row product(units_, 0);
  for (std::size_t i = 0; i < v.size(); ++i)
    for (std::size_t j = 0; j < units_; ++j)
      product[j] += v[i] * matrix[(i * gates_ + g) * units_ + j];
  return product;
}

// x @ K + bias + h @ U
Row RecurrentRow::sum(const RecurrentStep& step, std::size_t g) const {
  Row total = times(step.x, weights_.kernel, g);
  add_to(total, weights_.bias.subspan(g * units_, units_));
  add_to(total, times(step.h, weights_.recurrent_kernel, g));
  return total;
}

RecurrentStep RecurrentRow::step(Row x, Row h, Row c) const {
  RecurrentStep step{.x = std::move(x),
                     .h = std::move(h),
                     .c = std::move(c),
                     .gates = Row(gates_ * units_, 0),
                     .candidate_left = {},
                     .candidate = {},
                     .next_h = Row(units_, 0),
                     .next_c = {}};
  step.candidate_left = step.h;
  switch (attributes_.cell) {
    case RecurrentCell::vanilla:
      compute_vanilla(step);
      break;
    case RecurrentCell::lstm:
      compute_lstm(step);
      break;
    case RecurrentCell::gru:
    case RecurrentCell::gru_reset_after:
      compute_gru(step);
      break;
  }
  if (attributes_.rounded) {
    round(step.next_h);
    round(step.gates);
  }
  return step;
}

void RecurrentRow::compute_vanilla(RecurrentStep& step) const {
  step.gates = sum(step, 0);
  for (double& y : step.gates) y = activated(attributes_.activation, y);
  step.next_h = step.gates;
}

void RecurrentRow::compute_lstm(RecurrentStep& step) const {
  for (std::size_t g = 0; g < gates_; ++g) {
    const Row total = sum(step, g);
    for (std::size_t j = 0; j < units_; ++j)
      step.gates[g * units_ + j] = g == 2 ? std::tanh(total[j]) : logistic(total[j]);
  }
  const auto i = gate(step, 0), f = gate(step, 1), g = gate(step, 2), o = gate(step, 3);
  step.next_c.resize(units_);
  for (std::size_t j = 0; j < units_; ++j) {
    step.next_c[j] = f[j] * step.c[j] + i[j] * g[j];
    step.next_h[j] = o[j] * std::tanh(step.next_c[j]);
  }
}

void RecurrentRow::compute_gru(RecurrentStep& step) const {
  for (const std::size_t g : {0, 1}) {
    const Row total = sum(step, g);
    std::ranges::transform(total, step.gates.begin() + static_cast<std::ptrdiff_t>(g * units_),
                           logistic);
  }
  const auto z = gate(step, 0), r = gate(step, 1);
  const bool resets_after = attributes_.cell == RecurrentCell::gru_reset_after;
  if (!resets_after)
    for (std::size_t j = 0; j < units_; ++j) step.candidate_left[j] *= r[j];
  step.candidate = times(step.candidate_left, weights_.recurrent_kernel, candidate_gate());
  if (resets_after) add_to(step.candidate, weights_.recurrent_bias);
  const Row from_x = times(step.x, weights_.kernel, candidate_gate());
  for (std::size_t j = 0; j < units_; ++j) {
    const std::size_t at = candidate_gate() * units_ + j;
    const double n =
        std::tanh(from_x[j] + weights_.bias[at] + (resets_after ? r[j] : 1) * step.candidate[j]);
    step.gates[at] = n;
    step.next_h[j] = z[j] * step.h[j] + (1 - z[j]) * n;
  }
}

// ---- Back. Each takes dh and dc as the gradients of what the step left, and leaves in them what h and c get past
// the recurrent kernel.

RecurrentRow::SumGradients RecurrentRow::through_vanilla(const RecurrentStep& step, Row& dh) const {
  Row sums(units_);
  for (std::size_t j = 0; j < units_; ++j)
    sums[j] = dh[j] * slope(attributes_.activation, step.gates[j]);
  std::ranges::fill(dh, 0);
  return {sums, sums};
}

RecurrentRow::SumGradients RecurrentRow::through_lstm(const RecurrentStep& step, Row& dh,
                                                      Row& dc) const {
  const auto i = gate(step, 0), f = gate(step, 1), g = gate(step, 2), o = gate(step, 3);
  Row sums(gates_ * units_);
  for (std::size_t j = 0; j < units_; ++j) {
    const double y = std::tanh(step.next_c[j]);
    const double by_c = dc[j] + dh[j] * o[j] * tanh_slope(y);
    sums[j] = by_c * g[j] * logistic_slope(i[j]);
    sums[units_ + j] = by_c * step.c[j] * logistic_slope(f[j]);
    sums[2 * units_ + j] = by_c * i[j] * tanh_slope(g[j]);
    sums[3 * units_ + j] = dh[j] * y * logistic_slope(o[j]);
    dc[j] = by_c * f[j];
  }
  std::ranges::fill(dh, 0);
  return {sums, sums};
}

RecurrentRow::SumGradients RecurrentRow::through_gru(const RecurrentStep& step, Row& dh,
                                                     RecurrentWeights<double> to) const {
  const auto z = gate(step, 0), r = gate(step, 1), n = gate(step, 2);
  const bool resets_after = attributes_.cell == RecurrentCell::gru_reset_after;
  Row sums(gates_ * units_);
  for (std::size_t j = 0; j < units_; ++j) {
    sums[j] = dh[j] * (step.h[j] - n[j]) * logistic_slope(z[j]);
    sums[2 * units_ + j] = dh[j] * (1 - z[j]) * tanh_slope(n[j]);
    dh[j] *= z[j];
  }
  Row recurrent = sums;
  for (std::size_t j = 0; j < units_; ++j) {
    const double by_n = sums[2 * units_ + j];
    double by_r = by_n * step.candidate[j];
    if (resets_after) {
      recurrent[2 * units_ + j] = by_n * r[j];
      to.recurrent_bias[j] += by_n * r[j];
    } else {
      double by_left = 0;
      for (std::size_t k = 0; k < units_; ++k)
        by_left += sums[2 * units_ + k] *
                   weights_.recurrent_kernel[(j * gates_ + candidate_gate()) * units_ + k];
      by_r = by_left * step.h[j];
      dh[j] += by_left * r[j];
    }
    sums[units_ + j] = recurrent[units_ + j] = by_r * logistic_slope(r[j]);
  }
  return {sums, recurrent};
}

Row RecurrentRow::step_back(const RecurrentStep& step, Row& dh, Row& dc,
                            RecurrentWeights<double> to) const {
  const bool is_gru = attributes_.cell == RecurrentCell::gru;
  SumGradients by = attributes_.cell == RecurrentCell::vanilla ? through_vanilla(step, dh)
                    : attributes_.cell == RecurrentCell::lstm  ? through_lstm(step, dh, dc)
                                                               : through_gru(step, dh, to);
  if (attributes_.rounded) {
    round(by.sums);
    round(by.recurrent);
  }
  const std::size_t columns = gates_ * units_;
  Row dx(step.x.size(), 0);
  add_to(to.bias, by.sums);
  for (std::size_t i = 0; i < dx.size(); ++i)
    for (std::size_t k = 0; k < columns; ++k) {
      to.kernel[i * columns + k] += step.x[i] * by.sums[k];
      dx[i] += by.sums[k] * weights_.kernel[i * columns + k];
    }
  for (std::size_t i = 0; i < units_; ++i)
    for (std::size_t k = 0; k < columns; ++k) {
      // Of gru the last gate's product is one of r * h, whose gradient dh has already.
      const bool is_candidate = is_gru && k >= candidate_gate() * units_;
      const double left = is_candidate ? step.candidate_left[i] : step.h[i];
      to.recurrent_kernel[i * columns + k] += left * by.recurrent[k];
      if (!is_candidate) dh[i] += by.recurrent[k] * weights_.recurrent_kernel[i * columns + k];
    }
  return dx;
}

}  // namespace coil::records
