// The optimizers, in which one node updates every weight, and the norm that they clip by.
//
// Both take five scalars, then four or three values a weight, and give the new ones:
//   adam(rate, step, norm, clip, decay, w.., g.., m.., v..)     -> (w'.., m'.., v'..)
//   sgd(rate, momentum, norm, clip, decay, w.., g.., u..)       -> (w'.., u'..)
// What both do first, `norm` being that of all gradients together:
//   g' = g * clip / norm where norm > clip, else g      clipping by global norm; an infinite clip is none
//   d  = w - rate * decay * w                           decoupled weight decay
// Then, as Keras has it, with step counting from 1:
//   adam  m' = beta1 m + (1 - beta1) g'
//         v' = beta2 v + (1 - beta2) g'^2
//         w' = d - rate * sqrt(1 - beta2^step) / (1 - beta1^step) * m' / (sqrt(v') + epsilon)
//   sgd   u' = momentum u + g'
//         w' = d - rate * u'
// A norm that is not finite changes nothing: every result is its operand.

#include <cmath>

#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"

namespace coil::records {
namespace {

constexpr std::size_t largest_weight_count = 100'000;
constexpr std::size_t scalars = 5;

// A beta of one would divide by zero at every step.
bool is_decay(double beta) { return beta >= 0 && beta < 1; }

// `moments` a weight, behind the scalars, the weights and their gradients.
Inferred infer_update(std::span<const Type> x, std::size_t moments) {
  const std::size_t each = 2 + moments;
  if (x.size() < scalars + each || (x.size() - scalars) % each != 0)
    return refuses("takes {} scalars and {} values a weight, not {} operands", scalars, each,
                   x.size());
  for (std::size_t i = 0; i < scalars; ++i)
    if (x[i] != real({})) return refuses("operand {} is a scalar, not {}", i, to_string(x[i]));
  const std::size_t weights = (x.size() - scalars) / each;
  for (std::size_t i = scalars; i < x.size(); ++i) {
    const Type& weight = x[scalars + (i - scalars) % weights];
    if (x[i] != weight)
      return refuses("{} belongs to a weight {}", to_string(x[i]), to_string(weight));
  }
  Inferred updated;
  for (std::size_t i = 0; i < (1 + moments) * weights; ++i)
    updated.types.push_back(x[scalars + i % weights]);
  return updated;
}

Inferred infer_adam(std::span<const Type> x, const Attributes& attributes) {
  const auto& a = std::get<AdamAttributes>(attributes);
  if (!is_decay(a.beta1) || !is_decay(a.beta2) || !(a.epsilon > 0))
    return refuses("beta1 {}, beta2 {} and epsilon {} give no step", a.beta1, a.beta2, a.epsilon);
  return infer_update(x, 2);
}

Inferred infer_sgd(std::span<const Type> x, const Attributes&) { return infer_update(x, 1); }

// What an update is made of: operands by their part.
class Update {
 public:
  Update(std::span<const Array* const> x, std::size_t weights) : x_(x), weights_(weights) {}

  std::size_t weights() const { return weights_; }
  double rate() const { return scalar(0); }
  double scalar(std::size_t i) const { return x_[i]->values[0]; }
  bool is_finite() const { return std::isfinite(scalar(2)); }
  double clipped(std::size_t w, std::size_t i) const {
    const double norm = scalar(2), clip = scalar(3);
    return part(1, w)[i] * (norm > clip ? clip / norm : 1);
  }
  double decayed(std::size_t w, std::size_t i) const {
    const double weight = part(0, w)[i];
    return weight - rate() * scalar(4) * weight;
  }
  // Moment `m` of weight `w`.
  const std::vector<double>& moment(std::size_t m, std::size_t w) const { return part(2 + m, w); }

  // Every result is its operand.
  void keep(std::span<Array> y) const {
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t result = i / weights_;
      y[i].values = part(result == 0 ? 0 : result + 1, i % weights_);
    }
  }

 private:
  const std::vector<double>& part(std::size_t which, std::size_t w) const {
    return x_[scalars + which * weights_ + w]->values;
  }

  std::span<const Array* const> x_;
  std::size_t weights_;
};

void evaluate_adam(const Attributes& attributes, std::span<const Array* const> x,
                   std::span<Array> y) {
  const auto& a = std::get<AdamAttributes>(attributes);
  const std::size_t weights = y.size() / 3;
  const Update update(x, weights);
  if (!update.is_finite()) return update.keep(y);
  const double step = update.scalar(1);
  const double rate =
      update.rate() * std::sqrt(1 - std::pow(a.beta2, step)) / (1 - std::pow(a.beta1, step));
  for (std::size_t w = 0; w < weights; ++w)
    for (std::size_t i = 0; i < y[w].values.size(); ++i) {
      const double g = update.clipped(w, i);
      double& mean = y[weights + w].values[i];
      double& variance = y[2 * weights + w].values[i];
      mean = a.beta1 * update.moment(0, w)[i] + (1 - a.beta1) * g;
      variance = a.beta2 * update.moment(1, w)[i] + (1 - a.beta2) * g * g;
      y[w].values[i] = update.decayed(w, i) - rate * mean / (std::sqrt(variance) + a.epsilon);
    }
}

void evaluate_sgd(const Attributes&, std::span<const Array* const> x, std::span<Array> y) {
  const std::size_t weights = y.size() / 2;
  const Update update(x, weights);
  if (!update.is_finite()) return update.keep(y);
  for (std::size_t w = 0; w < weights; ++w)
    for (std::size_t i = 0; i < y[w].values.size(); ++i) {
      double& velocity = y[weights + w].values[i];
      velocity = update.scalar(1) * update.moment(0, w)[i] + update.clipped(w, i);
      y[w].values[i] = update.decayed(w, i) - update.rate() * velocity;
    }
}

// Result i of n weights takes the place of the weight or moment that it updates; gradients lie between.
bool updates_in_place(std::size_t weights, std::size_t result, std::size_t operand) {
  return operand == (result < weights ? scalars + result : scalars + weights + result);
}
bool adam_in_place(const Node& node, std::size_t result, std::size_t operand) {
  return updates_in_place(node.types.size() / 3, result, operand);
}
bool sgd_in_place(const Node& node, std::size_t result, std::size_t operand) {
  return updates_in_place(node.types.size() / 2, result, operand);
}

Inferred infer_norm(std::span<const Type> x, const Attributes&) {
  for (const Type& type : x)
    if (type.element != Element::real || type.shape.is_batched())
      return refuses("takes reals without a batch, not {}", to_string(type));
  return fits(real({}));
}

void evaluate_norm(const Attributes&, std::span<const Array* const> x, std::span<Array> y) {
  double sum = 0;
  for (const Array* array : x)
    for (const double element : array->values) sum += element * element;
  y[0].values[0] = std::sqrt(sum);
}

}  // namespace

const OpRecord global_norm = {.name = "global_norm",
                              .arity = Arity{1, largest_weight_count},
                              .attributes = attribute_kind<NoAttributes>(),
                              .trait = Trait::none,
                              .infer = infer_norm,
                              .gradient = no_gradient,
                              .evaluate = evaluate_norm,
                              .may_overwrite = overwrites_nothing};

const OpRecord adam = {.name = "adam",
                       .arity = Arity{scalars + 4, scalars + 4 * largest_weight_count},
                       .attributes = attribute_kind<AdamAttributes>(),
                       .trait = Trait::none,
                       .infer = infer_adam,
                       .gradient = no_gradient,
                       .evaluate = evaluate_adam,
                       .may_overwrite = adam_in_place};

const OpRecord sgd = {.name = "sgd",
                      .arity = Arity{scalars + 3, scalars + 3 * largest_weight_count},
                      .attributes = attribute_kind<NoAttributes>(),
                      .trait = Trait::none,
                      .infer = infer_sgd,
                      .gradient = no_gradient,
                      .evaluate = evaluate_sgd,
                      .may_overwrite = sgd_in_place};

}  // namespace coil::records
