// Reals as whole numbers from -127 to 127, each standing for so many times a scale.

#include "compiler/graph/ops/quantizing.hpp"

#include <algorithm>
#include <cmath>

#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"
#include "compiler/source/run_error.hpp"

namespace coil {

double nearest_int8(double x, double scale) {
  return std::clamp(std::nearbyint(x / scale), -largest_int8, largest_int8);
}

double int8_scale(double largest) {
  constexpr double smallest_normal = 0x1p-126;
  const double scale = largest / largest_int8;
  return scale < smallest_normal ? 1 : scale;
}

namespace records {
namespace {

// ---- to_int8

Inferred infer_to_int8(std::span<const Type> x, const Attributes& attributes) {
  const double scale = std::get<ScaleAttributes>(attributes).scale;
  if (x[0].element != Element::real) return refuses("takes reals, not {}", to_string(x[0]));
  if (!(scale > 0) || !std::isfinite(scale)) return refuses("{} is no scale", scale);
  return fits({Element::int8, x[0].shape});
}

// A whole number cannot say that it is none, and its scale is not computed from it.
void evaluate_to_int8(const Attributes& attributes, std::span<const Array* const> x,
                      std::span<Array> y) {
  const double scale = std::get<ScaleAttributes>(attributes).scale;
  std::ranges::transform(x[0]->values, y[0].values.begin(), [&](double value) {
    if (std::isnan(value)) fail(ExitCode::bad_artifact, "{}", nan_has_no_int8);
    return nearest_int8(value, scale);
  });
}

// ---- scales of columns, and columns by their scales

Inferred infer_column_scales(std::span<const Type> x, const Attributes&) {
  if (x[0].element != Element::real || x[0].shape.rank() != 2 || x[0].shape.is_batched())
    return refuses("takes a matrix, not {}", to_string(x[0]));
  return fits(real({{x[0].shape.last()}}));
}

void evaluate_column_scales(const Attributes&, std::span<const Array* const> x,
                            std::span<Array> y) {
  auto& scales = y[0].values;
  for (std::size_t i = 0; i < x[0]->values.size(); ++i) {
    double& largest = scales[i % scales.size()];
    const double magnitude = std::abs(x[0]->values[i]);
    if (std::isnan(magnitude) || magnitude > largest) largest = magnitude;
  }
  std::ranges::transform(scales, scales.begin(), int8_scale);
}

Inferred infer_to_int8_columns(std::span<const Type> x, const Attributes& attributes) {
  const Inferred scales = infer_column_scales(x.first(1), attributes);
  if (scales.types.empty()) return scales;
  if (x[1] != scales.types[0])
    return refuses("{} are no scales of {}", to_string(x[1]), to_string(x[0]));
  return fits({Element::int8, x[0].shape});
}

// Where a column holds what is no number, its scale is none either, or no finite one: products by it say so.
void evaluate_to_int8_columns(const Attributes&, std::span<const Array* const> x,
                              std::span<Array> y) {
  const auto& scales = x[1]->values;
  for (std::size_t i = 0; i < x[0]->values.size(); ++i) {
    const double nearest = nearest_int8(x[0]->values[i], scales[i % scales.size()]);
    y[0].values[i] = std::isnan(nearest) ? 0 : nearest;
  }
}

}  // namespace

// For inference alone, after differentiation. Results are narrower, so that none lies in an operand's place.
const OpRecord to_int8 = {.name = "to_int8",
                          .arity = Arity{1, 1},
                          .attributes = attribute_kind<ScaleAttributes>(),
                          .trait = Trait::none,
                          .infer = infer_to_int8,
                          .gradient = no_gradient,
                          .evaluate = evaluate_to_int8,
                          .may_overwrite = overwrites_nothing};

const OpRecord column_scales = {.name = "column_scales",
                                .arity = Arity{1, 1},
                                .attributes = attribute_kind<NoAttributes>(),
                                .trait = Trait::none,
                                .infer = infer_column_scales,
                                .gradient = no_gradient,
                                .evaluate = evaluate_column_scales,
                                .may_overwrite = overwrites_nothing};

const OpRecord to_int8_columns = {.name = "to_int8_columns",
                                  .arity = Arity{2, 2},
                                  .attributes = attribute_kind<NoAttributes>(),
                                  .trait = Trait::none,
                                  .infer = infer_to_int8_columns,
                                  .gradient = no_gradient,
                                  .evaluate = evaluate_to_int8_columns,
                                  .may_overwrite = overwrites_nothing};

}  // namespace records
}  // namespace coil
