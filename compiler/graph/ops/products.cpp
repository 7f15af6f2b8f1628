// Table look-ups and matrix products.
//
// matmul(a, b), over the last dimension of a, its other dimensions kept together as rows; a and b both reals, or both
// bf16, whose products a real holds exactly, or, untransposed, both int8, whose sums are whole numbers. Sums are reals.
//   a [.., k] @ b [k, n]            -> [.., n]
//   a [.., k] @ transposed b [n, k] -> [.., n]
//   transposed a [.., k] @ b [.., n] -> [k, n]   sums over all rows, the batch among them

#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/quantizing.hpp"
#include "compiler/graph/ops/records.hpp"
#include "compiler/graph/ops/scalar.hpp"

namespace coil::records {
namespace {

using Gradients = std::vector<std::optional<Value>>;

Shape with_last(Shape shape, std::int64_t last) {
  shape.dims.back() = last;
  return shape;
}

// ---- gather and its gradient

Inferred infer_gather(std::span<const Type> x, const Attributes&) {
  const Type &table = x[0], &index = x[1];
  if (table.element != Element::real || table.shape.rank() != 2 || table.shape.is_batched())
    return refuses("looks up rows of a table real[rows, width], not {}", to_string(table));
  if (index.element != Element::index)
    return refuses("looks up by an index, not {}", to_string(index));
  Shape shape = index.shape;
  shape.dims.push_back(table.shape.last());
  if (auto why = why_invalid(shape)) return refuses("{}", *why);
  return fits(real(shape));
}

Gradients gradient_of_gather(const GradientRequest& r) {
  const ShapeAttributes table{shape_of(r, operand(r, 0))};
  return {r.build.add(Op::scatter_add, {*r.result_gradients[0], operand(r, 1)}, table),
          std::nullopt};
}

void evaluate_gather(const Attributes&, std::span<const Array* const> x, std::span<Array> y) {
  const auto wide = static_cast<std::size_t>(width(*x[0]));
  for (std::size_t n = 0; n < x[1]->values.size(); ++n) {
    const auto row = static_cast<std::size_t>(x[1]->values[n]);
    for (std::size_t i = 0; i < wide; ++i)
      y[0].values[n * wide + i] = x[0]->values.at(row * wide + i);
  }
}

Inferred infer_scatter_add(std::span<const Type> x, const Attributes& attributes) {
  const Shape& table = std::get<ShapeAttributes>(attributes).shape;
  if (table.rank() != 2 || table.is_batched()) return refuses("{} is no table", to_string(table));
  if (x[0].element != Element::real || x[1].element != Element::index)
    return refuses("takes reals and indices, not {}, {}", to_string(x[0]), to_string(x[1]));
  Shape rows = x[1].shape;
  rows.dims.push_back(table.last());
  if (x[0].shape != rows)
    return refuses("{} has no row for each of {}", to_string(x[0]), to_string(x[1]));
  return fits(real(table));
}

void evaluate_scatter_add(const Attributes&, std::span<const Array* const> x, std::span<Array> y) {
  const auto wide = static_cast<std::size_t>(width(*x[0]));
  for (std::size_t n = 0; n < x[1]->values.size(); ++n) {
    const auto row = static_cast<std::size_t>(x[1]->values[n]);
    for (std::size_t i = 0; i < wide; ++i)
      y[0].values.at(row * wide + i) += x[0]->values[n * wide + i];
  }
}

// ---- matmul

Inferred infer_product(const Type& a, const Type& b, bool transpose_a, bool transpose_b) {
  if (a.element == Element::index || b.element == Element::index)
    return refuses("takes reals, not {}, {}", to_string(a), to_string(b));
  if (a.element != b.element)
    return refuses("{} @ {}: one side is rounded", to_string(a), to_string(b));
  if (a.element == Element::int8) {
    if (transpose_a || transpose_b) return refuses("int8 is not transposed");
    if (b.shape.rank() == 2 && b.shape.dims[0] > largest_int8_rows)
      return refuses("sums of {} products of int8 may pass 32 bits", b.shape.dims[0]);
  }
  if (transpose_a && transpose_b) return refuses("only one side can be transposed");
  if (a.shape.rank() == 0 || b.shape.rank() == 0)
    return refuses("{} @ {}: a scalar has no rows", to_string(a), to_string(b));
  if (transpose_a) {
    Shape a_rows = with_last(a.shape, 1), b_rows = with_last(b.shape, 1);
    if (a.shape.last() == batch_dim || b.shape.last() == batch_dim || a_rows != b_rows)
      return refuses("{} and {} differ in their rows", to_string(a), to_string(b));
    const Shape columns{{a.shape.last(), b.shape.last()}};
    if (auto why = why_invalid(columns)) return refuses("{}", *why);
    return fits(real(columns));
  }
  if (b.shape.rank() != 2 || b.shape.is_batched())
    return refuses("the right side of @ is a matrix, not {}", to_string(b));
  const std::int64_t k = b.shape.dims[transpose_b ? 1 : 0];
  const std::int64_t n = b.shape.dims[transpose_b ? 0 : 1];
  if (a.shape.last() != k)
    return refuses("{} @ {}: {} columns meet {} rows", to_string(a), to_string(b),
                   a.shape.last() == batch_dim ? "batch" : std::to_string(a.shape.last()), k);
  const Shape shape = with_last(a.shape, n);
  if (auto why = why_invalid(shape)) return refuses("{}", *why);
  return fits(real(shape));
}

Inferred infer_matmul(std::span<const Type> x, const Attributes& attributes) {
  const auto& m = std::get<MatmulAttributes>(attributes);
  return infer_product(x[0], x[1], m.transpose_a, m.transpose_b);
}

// y = a @ b:     da = g @ b',  db = a' @ g
// y = a @ b':    da = g @ b,   db = g' @ a
// y = a' @ b:    da = b @ g',  db = a @ g
Gradients gradient_of_matmul(const GradientRequest& r) {
  const auto m = std::get<MatmulAttributes>(r.graph.node(r.node).attributes);
  const Value a = operand(r, 0), b = operand(r, 1), g = *r.result_gradients[0];
  const MatmulAttributes plain, left{true, false}, right{false, true};
  if (m.transpose_a)
    return {r.build.add(Op::matmul, {b, g}, right), r.build.add(Op::matmul, {a, g}, plain)};
  if (m.transpose_b)
    return {r.build.add(Op::matmul, {g, b}, plain), r.build.add(Op::matmul, {g, a}, left)};
  return {r.build.add(Op::matmul, {g, b}, right), r.build.add(Op::matmul, {a, g}, left)};
}

// result[rows, n] += a @ b; by rows of b where it lies along them, so that large checks stay quick.
void multiply(const Array& a, const Array& b, bool transpose_a, bool transpose_b, Array& y) {
  const auto m = static_cast<std::size_t>(transpose_a ? width(a) : rows(a));
  const auto k = static_cast<std::size_t>(transpose_a ? rows(a) : width(a));
  const auto n = static_cast<std::size_t>(width(y));
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t p = 0; p < k; ++p) {
      const double left = a.values[transpose_a ? p * m + i : i * k + p];
      for (std::size_t j = 0; j < n; ++j)
        y.values[i * n + j] += left * b.values[transpose_b ? j * k + p : p * n + j];
    }
}

void evaluate_matmul(const Attributes& attributes, std::span<const Array* const> x,
                     std::span<Array> y) {
  const auto& m = std::get<MatmulAttributes>(attributes);
  multiply(*x[0], *x[1], m.transpose_a, m.transpose_b, y[0]);
}

// ---- fused_matmul

Inferred infer_fused(std::span<const Type> x, const Attributes& attributes) {
  const auto& m = std::get<FusedMatmulAttributes>(attributes);
  const std::size_t expected = 2 + std::size_t{m.bias} + std::size_t{m.addend};
  if (x.size() != expected) return refuses("takes {} operands, not {}", expected, x.size());
  Inferred product = infer_product(x[0], x[1], m.transpose_a, m.transpose_b);
  if (product.types.empty()) return product;
  if (x[0].element == Element::int8)
    return refuses("nothing rides on a product of int8, whose scales come first");
  const Type& type = product.types[0];
  if (m.bias && x[2] != real({{type.shape.last()}}))
    return refuses("{} is no bias of {}", to_string(x[2]), to_string(type));
  if (m.addend && x.back() != type)
    return refuses("{} is added to {}", to_string(x.back()), to_string(type));
  return product;
}

double activate(Activation activation, double x) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return scalar::relu(x);
    case Activation::tanh:
      return scalar::tanh(x);
    case Activation::sigmoid:
      return scalar::sigmoid(x);
    case Activation::hard_sigmoid:
      return scalar::hard_sigmoid(x);
  }
  __builtin_unreachable();
}

void evaluate_fused(const Attributes& attributes, std::span<const Array* const> x,
                    std::span<Array> y) {
  const auto& m = std::get<FusedMatmulAttributes>(attributes);
  multiply(*x[0], *x[1], m.transpose_a, m.transpose_b, y[0]);
  const auto n = static_cast<std::size_t>(width(y[0]));
  for (std::size_t i = 0; i < y[0].values.size(); ++i) {
    double& element = y[0].values[i];
    if (m.bias) element += x[2]->values[i % n];
    if (m.addend) element += x.back()->values[i];
    element = activate(m.activation, element);
  }
}

bool overwrites_addend(const Node& node, std::size_t, std::size_t operand) {
  const auto& m = std::get<FusedMatmulAttributes>(node.attributes);
  return m.addend && operand + 1 == node.operands.size();
}

}  // namespace

const OpRecord gather = {.name = "gather",
                         .arity = Arity{2, 2},
                         .attributes = attribute_kind<NoAttributes>(),
                         .trait = Trait::none,
                         .infer = infer_gather,
                         .gradient = gradient_of_gather,
                         .evaluate = evaluate_gather,
                         .may_overwrite = overwrites_nothing};
const OpRecord scatter_add = {.name = "scatter_add",
                              .arity = Arity{2, 2},
                              .attributes = attribute_kind<ShapeAttributes>(),
                              .trait = Trait::none,
                              .infer = infer_scatter_add,
                              .gradient = no_gradient,
                              .evaluate = evaluate_scatter_add,
                              .may_overwrite = overwrites_nothing};
const OpRecord matmul = {.name = "matmul",
                         .arity = Arity{2, 2},
                         .attributes = attribute_kind<MatmulAttributes>(),
                         .trait = Trait::none,
                         .infer = infer_matmul,
                         .gradient = gradient_of_matmul,
                         .evaluate = evaluate_matmul,
                         .may_overwrite = overwrites_nothing};
// Products are fused after differentiation.
const OpRecord fused_matmul = {.name = "fused_matmul",
                               .arity = Arity{2, 4},
                               .attributes = attribute_kind<FusedMatmulAttributes>(),
                               .trait = Trait::none,
                               .infer = infer_fused,
                               .gradient = no_gradient,
                               .evaluate = evaluate_fused,
                               .may_overwrite = overwrites_addend};

}  // namespace coil::records
