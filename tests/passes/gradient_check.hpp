#pragma once

// Gradients against differences of the loss, in double precision.

#include <string>

#include "tests/support/op_cases.hpp"

namespace coil::test {

// A graph with the output `loss`, to be differentiated by its weights.
//
// Around an op case: loss = sum over the outputs of sum(output * weighting), the weightings random inputs of
// the output's shape, so that no element's gradient can hide behind another's. Only weights are
// differentiated and they have no batch, so each real input x becomes x + direction * w, where `direction`
// is a random input of x's type and w a weight without the batch that is fed zeros: the gradient by w is that
// by x, weighted row by row.
Graph with_loss(const Graph& graph);
// Zeros for the weights that with_loss put in; the rest as random_feeds gives it.
Feeds feeds_of_loss(const Graph& graph, std::int64_t batch, std::uint64_t seed,
                    const Ranges& ranges);

struct GradientReport {
  double error = 0;         // the largest over all elements of all weights, see `element_error`
  double smallest_top = 0;  // over the weights, the smallest of their largest absolute gradients
  double top = 0;           // the largest absolute gradient
  std::string where;        // the weight that `error` is of
};

// |derived - difference| / (|difference| + floor). The floor, a thousandth of the largest difference in the
// graph (at least 1e-5), lets rounding of the differences pass where a gradient is by chance near zero; an
// error of 1e-6 then still means nine digits of the largest.
double element_error(double derived, double difference, double largest);

// `derived` is `loss` differentiated: it has the same leaves. Differences are central and of fourth order,
// their step 1e-3: errors of about 1e-12 times the loss.
GradientReport check_gradients(const Graph& loss, const Graph& derived, const Feeds& feeds,
                               std::int64_t batch);

}  // namespace coil::test
