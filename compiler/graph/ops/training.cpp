// The optimizer: one node updates every weight.
//
// adam(rate, step, w.., g.., m.., v..) -> (w'.., m'.., v'..), with step counting from 1, as Keras has it:
//   m' = beta1 m + (1 - beta1) g
//   v' = beta2 v + (1 - beta2) g^2
//   w' = w - rate * sqrt(1 - beta2^step) / (1 - beta1^step) * m' / (sqrt(v') + epsilon)

#include <cmath>

#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"

namespace coil::records {
namespace {

constexpr std::size_t largest_weight_count = 100'000;

// A beta of one would divide by zero at every step.
bool is_decay(double beta) { return beta >= 0 && beta < 1; }

Inferred infer_adam(std::span<const Type> x, const Attributes& attributes) {
  const auto& a = std::get<AdamAttributes>(attributes);
  if (!is_decay(a.beta1) || !is_decay(a.beta2) || !(a.epsilon > 0))
    return refuses("beta1 {}, beta2 {} and epsilon {} give no step", a.beta1, a.beta2, a.epsilon);
  if (x.size() < 6 || (x.size() - 2) % 4 != 0)
    return refuses("takes rate, step, and four values a weight, not {} operands", x.size());
  if (x[0] != real({}) || x[1] != real({})) return refuses("rate and step are scalars");
  const std::size_t weights = (x.size() - 2) / 4;
  for (std::size_t i = 2 + weights; i < x.size(); ++i) {
    const Type& weight = x[2 + (i - 2) % weights];
    if (x[i] != weight)
      return refuses("{} belongs to a weight {}", to_string(x[i]), to_string(weight));
  }
  Inferred updated;
  for (std::size_t i = 0; i < 3 * weights; ++i) updated.types.push_back(x[2 + i % weights]);
  return updated;
}

void evaluate_adam(const Attributes& attributes, std::span<const Array* const> x,
                   std::span<Array> y) {
  const auto& a = std::get<AdamAttributes>(attributes);
  const double step = x[1]->values[0];
  const double rate =
      x[0]->values[0] * std::sqrt(1 - std::pow(a.beta2, step)) / (1 - std::pow(a.beta1, step));
  const std::size_t weights = y.size() / 3;
  for (std::size_t w = 0; w < weights; ++w)
    for (std::size_t i = 0; i < y[w].values.size(); ++i) {
      const double g = x[2 + weights + w]->values[i];
      double& mean = y[weights + w].values[i];
      double& variance = y[2 * weights + w].values[i];
      mean = a.beta1 * x[2 + 2 * weights + w]->values[i] + (1 - a.beta1) * g;
      variance = a.beta2 * x[2 + 3 * weights + w]->values[i] + (1 - a.beta2) * g * g;
      y[w].values[i] = x[2 + w]->values[i] - rate * mean / (std::sqrt(variance) + a.epsilon);
    }
}

// Result i of n weights takes the place of the weight, mean or variance that it updates.
bool updates_in_place(const Node& node, std::size_t result, std::size_t operand) {
  const std::size_t weights = node.types.size() / 3;
  const std::size_t updated = result < weights ? 2 + result : 2 + weights + result;
  return operand == updated;
}

}  // namespace

const OpRecord adam = {.name = "adam",
                       .arity = Arity{6, 2 + 4 * largest_weight_count},
                       .attributes = attribute_kind<AdamAttributes>(),
                       .trait = Trait::none,
                       .infer = infer_adam,
                       .gradient = no_gradient,
                       .evaluate = evaluate_adam,
                       .may_overwrite = updates_in_place};

}  // namespace coil::records
