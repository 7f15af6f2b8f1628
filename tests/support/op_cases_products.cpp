#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "compiler/passes/precision.hpp"

#include "tests/support/op_cases.hpp"

namespace coil::test {
namespace {

enum class Transposed { none, a, b };

constexpr Transposed all_transposed[] = {Transposed::none, Transposed::a, Transposed::b};
constexpr Activation all_activations[] = {Activation::none, Activation::relu, Activation::tanh,
                                          Activation::sigmoid, Activation::hard_sigmoid};

const char* suffix(Transposed transposed) {
  switch (transposed) {
    case Transposed::none:
      return "";
    case Transposed::a:
      return " transposed a";
    case Transposed::b:
      return " transposed b";
  }
  __builtin_unreachable();
}

// Rows of a left operand: none, a batch, a few, or a batch of several.
Shape random_rows(Rng& rng) {
  Shape shape = random_fixed_shape(rng, 0, 2);
  if (!shape.is_scalar() && rng.coin()) shape.dims.front() = batch_dim;
  return shape;
}

Shape with(Shape rows, std::int64_t columns) {
  rows.dims.push_back(columns);
  return rows;
}

struct Sides {
  Value a, b;
};

Sides random_sides(Sketch& sketch, Rng& rng, Transposed transposed) {
  const Shape rows = random_rows(rng);
  const std::int64_t k = random_size(rng), n = random_size(rng);
  const Value a = sketch.operand(with(rows, k), rng, "a");
  if (transposed == Transposed::a) return {a, sketch.operand(with(rows, n), rng, "b")};
  const Shape right = transposed == Transposed::b ? Shape{{n, k}} : Shape{{k, n}};
  return {a, sketch.operand(right, rng, "b")};
}

// Both as they are, or both rounded.
Sides in_precision(Sketch& sketch, Sides sides, Precision precision) {
  if (precision == Precision::f32) return sides;
  return {sketch.add(Op::to_bf16, {sides.a}), sketch.add(Op::to_bf16, {sides.b})};
}

const char* suffix(Precision precision) { return precision == Precision::f32 ? "" : " bf16"; }

Shape shape_of_product(const Sketch& sketch, Sides sides, Transposed transposed) {
  const Shape &a = sketch.type(sides.a).shape, &b = sketch.type(sides.b).shape;
  if (transposed == Transposed::a) return {{a.last(), b.last()}};
  Shape shape = a;
  shape.dims.back() = transposed == Transposed::b ? b.dims[0] : b.dims[1];
  return shape;
}

OpCase matmul(Transposed transposed, Precision precision) {
  const auto build = [transposed, precision](Rng& rng) {
    Sketch sketch;
    const Sides sides = in_precision(sketch, random_sides(sketch, rng, transposed), precision);
    const MatmulAttributes attributes{transposed == Transposed::a, transposed == Transposed::b};
    return sketch.finish(sketch.add(Op::matmul, {sides.a, sides.b}, attributes));
  };
  const bool is_differentiable = precision == Precision::f32;
  return {fmt::format("matmul/{}{}", suffix(transposed), suffix(precision)),
          Op::matmul,
          is_differentiable ? Differentiable::yes : Differentiable::no,
          build,
          {}};
}

OpCase fused_matmul(Transposed transposed, FusedMatmulAttributes attributes, Precision precision) {
  attributes.transpose_a = transposed == Transposed::a;
  attributes.transpose_b = transposed == Transposed::b;
  const auto build = [transposed, attributes, precision](Rng& rng) {
    Sketch sketch;
    const Sides sides = in_precision(sketch, random_sides(sketch, rng, transposed), precision);
    const Shape shape = shape_of_product(sketch, sides, transposed);
    std::vector<Value> operands{sides.a, sides.b};
    if (attributes.bias) operands.push_back(sketch.operand({{shape.last()}}, rng, "bias"));
    if (attributes.addend) operands.push_back(sketch.operand(shape, rng, "addend"));
    return sketch.finish(sketch.add(Op::fused_matmul, operands, attributes));
  };
  const std::string name = fmt::format(
      "fused_matmul/{}{}{} {}{}", suffix(transposed), attributes.bias ? " bias" : "",
      attributes.addend ? " addend" : "", to_string(attributes.activation), suffix(precision));
  return {name, Op::fused_matmul, Differentiable::no, build, {}};
}

OpCase gather() {
  const auto build = [](Rng& rng) {
    Sketch sketch;
    const std::int64_t rows = random_size(rng);
    const Value table = sketch.operand({{rows, random_size(rng)}}, rng, "table");
    const Value index = sketch.index(random_rows(rng), rng.between(1, rows), "index");
    return sketch.finish(sketch.add(Op::gather, {table, index}));
  };
  return {"gather", Op::gather, Differentiable::yes, build, {}};
}

OpCase scatter_add() {
  const auto build = [](Rng& rng) {
    Sketch sketch;
    const std::int64_t rows = random_size(rng), width = random_size(rng);
    const Shape picked = random_rows(rng);
    const Value g = sketch.operand(with(picked, width), rng, "g");
    const Value index = sketch.index(picked, rng.between(1, rows), "index");
    return sketch.finish(sketch.add(Op::scatter_add, {g, index}, ShapeAttributes{{{rows, width}}}));
  };
  return {"scatter_add", Op::scatter_add, Differentiable::no, build, {}};
}

std::vector<OpCase> products_in(Precision precision) {
  std::vector<OpCase> cases;
  for (const Transposed transposed : all_transposed) {
    cases.push_back(matmul(transposed, precision));
    for (const bool bias : {false, true})
      for (const bool addend : {false, true})
        for (const Activation activation : all_activations)
          cases.push_back(
              fused_matmul(transposed, {false, false, bias, addend, activation}, precision));
  }
  return cases;
}

OpCase to_bf16() {
  const auto build = [](Rng& rng) {
    Sketch sketch;
    const Value x = sketch.operand(random_shape(rng), rng, "x");
    return sketch.finish(sketch.add(Op::to_bf16, {x}));
  };
  return {"to_bf16", Op::to_bf16, Differentiable::no, build, {{"x", {-3, 3, {}}}}};
}

// Some lie past the largest.
OpCase to_int8() {
  const auto build = [](Rng& rng) {
    Sketch sketch;
    const Value x = sketch.operand(random_shape(rng), rng, "x");
    return sketch.finish(
        sketch.add(Op::to_int8, {x}, ScaleAttributes{rng.pick<double>({0.0078125, 0.02, 1})}));
  };
  return {"to_int8", Op::to_int8, Differentiable::no, build, {{"x", {-3, 3, {}}}}};
}

Value random_matrix(Sketch& sketch, Rng& rng) {
  return sketch.operand({{random_size(rng), random_size(rng)}}, rng, "w");
}

OpCase column_scales() {
  const auto build = [](Rng& rng) {
    Sketch sketch;
    return sketch.finish(sketch.add(Op::column_scales, {random_matrix(sketch, rng)}));
  };
  return {"column_scales", Op::column_scales, Differentiable::no, build, {}};
}

// Scales that some columns run over.
OpCase to_int8_columns() {
  const auto build = [](Rng& rng) {
    Sketch sketch;
    const Value w = random_matrix(sketch, rng);
    const Value s = sketch.operand({{sketch.type(w).shape.last()}}, rng, "s");
    return sketch.finish(sketch.add(Op::to_int8_columns, {w, s}));
  };
  return {
      "to_int8_columns", Op::to_int8_columns, Differentiable::no, build, {{"s", {0.005, 0.1, {}}}}};
}

OpCase matmul_of_int8() {
  const auto build = [](Rng& rng) {
    Sketch sketch;
    const Sides sides = random_sides(sketch, rng, Transposed::none);
    const Value scales = sketch.add(Op::column_scales, {sides.b});
    return sketch.finish(sketch.add(Op::matmul,
                                    {sketch.add(Op::to_int8, {sides.a}, ScaleAttributes{0.01}),
                                     sketch.add(Op::to_int8_columns, {sides.b, scales})},
                                    MatmulAttributes{}));
  };
  return {"matmul/ int8", Op::matmul, Differentiable::no, build, {}};
}

}  // namespace

std::vector<OpCase> product_cases() {
  std::vector<OpCase> cases{gather(), scatter_add()};
  std::ranges::move(products_in(Precision::f32), std::back_inserter(cases));
  return cases;
}

std::vector<OpCase> rounding_cases() {
  std::vector<OpCase> cases{to_bf16(), to_int8(), column_scales(), to_int8_columns(),
                            matmul_of_int8()};
  std::ranges::move(products_in(Precision::bf16), std::back_inserter(cases));
  return cases;
}

}  // namespace coil::test
