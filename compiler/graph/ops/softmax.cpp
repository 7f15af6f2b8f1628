// Softmax over the last dimension, and the mean cross-entropy of logits.

#include <algorithm>
#include <cmath>

#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil::records {
namespace {

using Gradients = std::vector<std::optional<Value>>;

Inferred infer_softmax(std::span<const Type> x, const Attributes&) {
  for (const Type& type : x) {
    if (type != x[0]) return refuses("{} and {} differ", to_string(x[0]), to_string(type));
    if (type.element != Element::real) return refuses("takes reals, not {}", to_string(type));
    if (type.shape.is_scalar() || type.shape.last() == batch_dim)
      return refuses("{} has no classes", to_string(type));
  }
  return fits(x[0]);
}

// softmax of one row; returns log(sum(exp(x))).
double softmax_row(std::span<const double> x, std::span<double> y) {
  // A NaN must not be lost in the search for the largest.
  double largest = x[0];
  for (double v : x) largest = v > largest || std::isnan(v) ? v : largest;
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += y[i] = std::exp(x[i] - largest);
  for (double& v : y) v /= sum;
  return largest + std::log(sum);
}

std::span<const double> row(const Array& x, std::size_t n) {
  const auto wide = static_cast<std::size_t>(width(x));
  return std::span(x.values).subspan(n * wide, wide);
}
std::span<double> row(Array& x, std::size_t n) {
  const auto wide = static_cast<std::size_t>(width(x));
  return std::span(x.values).subspan(n * wide, wide);
}

void evaluate_softmax(const Attributes&, std::span<const Array* const> x, std::span<Array> y) {
  for (std::size_t n = 0; n < static_cast<std::size_t>(rows(*x[0])); ++n)
    softmax_row(row(*x[0], n), row(y[0], n));
}

Gradients gradient_of_softmax(const GradientRequest& r) {
  return {r.build.add(Op::softmax_grad, {*r.result_gradients[0], result(r)})};
}

void evaluate_softmax_grad(const Attributes&, std::span<const Array* const> x, std::span<Array> y) {
  for (std::size_t n = 0; n < static_cast<std::size_t>(rows(*x[0])); ++n) {
    const auto g = row(*x[0], n), p = row(*x[1], n);
    const auto out = row(y[0], n);
    double dot = 0;
    for (std::size_t i = 0; i < g.size(); ++i) dot += g[i] * p[i];
    for (std::size_t i = 0; i < g.size(); ++i) out[i] = p[i] * (g[i] - dot);
  }
}

Inferred infer_cross_entropy(std::span<const Type> x, const Attributes& attributes) {
  Inferred logits = infer_softmax(x.first(1), attributes);
  if (logits.types.empty()) return logits;
  Shape predictions = x[0].shape;
  predictions.dims.pop_back();
  if (x[1] != Type{Element::index, predictions})
    return refuses("{} has no target in {} for each row", to_string(x[0]), to_string(x[1]));
  return {{real({}), x[0]}, {}};
}

// loss = mean over rows of log(sum(exp(x))) - x[target]; by x: (softmax(x) - onehot(target)) / rows
void evaluate_cross_entropy(const Attributes&, std::span<const Array* const> x,
                            std::span<Array> y) {
  const auto count = static_cast<std::size_t>(rows(*x[0]));
  for (std::size_t n = 0; n < count; ++n) {
    const auto target = static_cast<std::size_t>(x[1]->values[n]);
    const auto logits = row(*x[0], n);
    require(target < logits.size(), "target {} of {} classes", target, logits.size());
    const auto gradient = row(y[1], n);
    y[0].values[0] += (softmax_row(logits, gradient) - logits[target]) / static_cast<double>(count);
    gradient[target] -= 1;
    for (double& g : gradient) g /= static_cast<double>(count);
  }
}

bool gradient_overwrites_logits(const Node&, std::size_t result, std::size_t operand) {
  return result == 1 && operand == 0;
}

Gradients gradient_of_cross_entropy(const GradientRequest& r) {
  require(r.result_gradients[0].has_value(), "only the loss of cross_entropy is differentiated");
  return {r.build.add(Op::mul, {*r.result_gradients[0], result(r, 1)}), std::nullopt};
}

}  // namespace

const OpRecord softmax = {.name = "softmax",
                          .arity = Arity{1, 1},
                          .attributes = attribute_kind<NoAttributes>(),
                          .trait = Trait::none,
                          .infer = infer_softmax,
                          .gradient = gradient_of_softmax,
                          .evaluate = evaluate_softmax,
                          .may_overwrite = overwrites_first};
const OpRecord softmax_grad = {.name = "softmax_grad",
                               .arity = Arity{2, 2},
                               .attributes = attribute_kind<NoAttributes>(),
                               .trait = Trait::none,
                               .infer = infer_softmax,
                               .gradient = no_gradient,
                               .evaluate = evaluate_softmax_grad,
                               .may_overwrite = overwrites_first};
const OpRecord cross_entropy = {.name = "cross_entropy",
                                .arity = Arity{2, 2},
                                .attributes = attribute_kind<NoAttributes>(),
                                .trait = Trait::none,
                                .infer = infer_cross_entropy,
                                .gradient = gradient_of_cross_entropy,
                                .evaluate = evaluate_cross_entropy,
                                .may_overwrite = gradient_overwrites_logits};

}  // namespace coil::records
