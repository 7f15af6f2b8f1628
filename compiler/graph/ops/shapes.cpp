// Repeating a value along dimensions, and summing over them: each the gradient of the other.

#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"

namespace coil::records {
namespace {

using Gradients = std::vector<std::optional<Value>>;

const Shape& target(const Attributes& attributes) {
  return std::get<ShapeAttributes>(attributes).shape;
}

Inferred infer_sum_to(std::span<const Type> x, const Attributes& attributes) {
  const Shape& to = target(attributes);
  if (x[0].element != Element::real) return refuses("takes reals, not {}", to_string(x[0]));
  if (!broadcasts_to(to, x[0].shape))
    return refuses("{} does not come from {}", to_string(x[0]), to_string(to));
  return fits(real(to));
}

Inferred infer_broadcast_to(std::span<const Type> x, const Attributes& attributes) {
  const Shape& to = target(attributes);
  if (x[0].element != Element::real) return refuses("takes reals, not {}", to_string(x[0]));
  if (!broadcasts_to(x[0].shape, to))
    return refuses("{} does not stretch to {}", to_string(x[0]), to_string(to));
  return fits(real(to));
}

Gradients gradient_of_sum_to(const GradientRequest& r) {
  const ShapeAttributes to{shape_of(r, operand(r, 0))};
  return {r.build.add(Op::broadcast_to, {*r.result_gradients[0]}, to)};
}

Gradients gradient_of_broadcast_to(const GradientRequest& r) {
  const ShapeAttributes to{shape_of(r, operand(r, 0))};
  return {r.build.add(Op::sum_to, {*r.result_gradients[0]}, to)};
}

void evaluate_sum_to(const Attributes&, std::span<const Array* const> x, std::span<Array> y) {
  for (std::size_t i = 0; i < x[0]->values.size(); ++i)
    y[0].values[source_index(i, x[0]->dims, y[0].dims)] += x[0]->values[i];
}

void evaluate_broadcast_to(const Attributes&, std::span<const Array* const> x, std::span<Array> y) {
  for (std::size_t i = 0; i < y[0].values.size(); ++i)
    y[0].values[i] = x[0]->values[source_index(i, y[0].dims, x[0]->dims)];
}

}  // namespace

const OpRecord sum_to = {.name = "sum_to",
                         .arity = Arity{1, 1},
                         .attributes = attribute_kind<ShapeAttributes>(),
                         .trait = Trait::none,
                         .infer = infer_sum_to,
                         .gradient = gradient_of_sum_to,
                         .evaluate = evaluate_sum_to,
                         .may_overwrite = overwrites_nothing};
const OpRecord broadcast_to = {.name = "broadcast_to",
                               .arity = Arity{1, 1},
                               .attributes = attribute_kind<ShapeAttributes>(),
                               .trait = Trait::none,
                               .infer = infer_broadcast_to,
                               .gradient = gradient_of_broadcast_to,
                               .evaluate = evaluate_broadcast_to,
                               .may_overwrite = overwrites_nothing};

}  // namespace coil::records
