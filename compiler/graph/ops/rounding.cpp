// Reals with fewer bits.
//
// The meaning of to_bf16 goes from the real number to the nearest bf16 in one step, not by way of a float: what width a
// real has when it runs is not part of a graph. Both ways give the same for every number that is a float.

#include "compiler/graph/ops/rounding.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"

namespace coil {
namespace {

constexpr int significant_bits = 8;
constexpr int least_exponent = -125;  // as frexp has it: of the smallest normal number, 2^-126
constexpr double largest_bf16 = 0x1.FEp127;

}  // namespace

double nearest_bf16(double x) {
  if (!std::isfinite(x) || x == 0) return x;
  int exponent = 0;
  std::frexp(x, &exponent);
  const double last_bit = std::ldexp(1, std::max(exponent, least_exponent) - significant_bits);
  const double rounded = std::nearbyint(x / last_bit) * last_bit;
  if (std::abs(rounded) <= largest_bf16) return rounded;
  return std::copysign(std::numeric_limits<double>::infinity(), x);
}

namespace records {
namespace {

Inferred infer_to_bf16(std::span<const Type> x, const Attributes&) {
  if (x[0].element != Element::real) return refuses("takes reals, not {}", to_string(x[0]));
  return fits({Element::bf16, x[0].shape});
}

void evaluate_to_bf16(const Attributes&, std::span<const Array* const> x, std::span<Array> y) {
  std::ranges::transform(x[0]->values, y[0].values.begin(), nearest_bf16);
}

}  // namespace

// Products are rounded after differentiation. The result is half as wide, so that none lies in an operand's place.
const OpRecord to_bf16 = {.name = "to_bf16",
                          .arity = Arity{1, 1},
                          .attributes = attribute_kind<NoAttributes>(),
                          .trait = Trait::none,
                          .infer = infer_to_bf16,
                          .gradient = no_gradient,
                          .evaluate = evaluate_to_bf16,
                          .may_overwrite = overwrites_nothing};

}  // namespace records
}  // namespace coil
