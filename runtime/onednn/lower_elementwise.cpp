#include "compiler/source/internal_error.hpp"

#include "runtime/kernels/activation_gradient.hpp"
#include "runtime/kernels/binary.hpp"
#include "runtime/kernels/column_sum.hpp"
#include "runtime/kernels/unary.hpp"
#include "runtime/onednn/broadcasting.hpp"
#include "runtime/onednn/lowering.hpp"

namespace coil::onednn {
namespace {

kernels::Unary unary_of(Op op) {
  switch (op) {
    case Op::exp:
      return kernels::Unary::exp;
    case Op::log:
      return kernels::Unary::log;
    case Op::relu:
      return kernels::Unary::relu;
    case Op::tanh:
      return kernels::Unary::tanh;
    case Op::sigmoid:
      return kernels::Unary::sigmoid;
    case Op::hard_sigmoid:
      return kernels::Unary::hard_sigmoid;
    default:
      throw InternalError("not a function of one value");
  }
}

kernels::Binary binary_of(Op op) {
  switch (op) {
    case Op::add:
      return kernels::Binary::add;
    case Op::sub:
      return kernels::Binary::subtract;
    case Op::mul:
      return kernels::Binary::multiply;
    case Op::div:
      return kernels::Binary::divide;
    default:
      throw InternalError("not an operator");
  }
}

kernels::Activation activation_of(Op op) {
  switch (op) {
    case Op::relu_grad:
      return kernels::Activation::relu;
    case Op::tanh_grad:
      return kernels::Activation::tanh;
    case Op::sigmoid_grad:
      return kernels::Activation::sigmoid;
    case Op::hard_sigmoid_grad:
      return kernels::Activation::hard_sigmoid;
    default:
      throw InternalError("not the gradient of an activation");
  }
}

bool is_row_of(const Shape& row, const Shape& whole) {
  return row.rank() == 1 && !row.is_batched() && row.last() == whole.last();
}

// How the kernel sees the two operands; nothing where one has to be spread out first.
std::optional<kernels::Broadcast> form_of(const Shape& left, const Shape& right,
                                          const Shape& result) {
  if (left == result && right == result) return kernels::Broadcast::none;
  if (left == result && count(right, 1) == 1 && !right.is_batched())
    return kernels::Broadcast::right_scalar;
  if (right == result && count(left, 1) == 1 && !left.is_batched())
    return kernels::Broadcast::left_scalar;
  if (left == result && is_row_of(right, result)) return kernels::Broadcast::right_row;
  return std::nullopt;
}

// Operands of unlike shapes, each spread to the result's where it has another.
Step lower_spread(const NodeView& view, Workshop& shop) {
  const auto whole = concrete_dims(view.result_shape(), view.plan.batch);
  const kernels::Extent extent = view.extent(view.result_shape());
  Spread spread[2];
  const float* sides[2];
  for (std::size_t i = 0; i < 2; ++i) {
    spread[i] = {concrete_dims(view.shape(i), view.plan.batch), whole, view.in(i), nullptr};
    if (view.shape(i) != view.result_shape()) spread[i].to = shop.new_reals(extent.size());
    sides[i] = spread[i].to ? spread[i].to : view.in(i);
  }
  return kernel_step(text_of(extent), "spread+binary",
                     [=, op = binary_of(view.node().op), left = spread[0], right = spread[1],
                      a = sides[0], b = sides[1], y = view.out()] {
                       if (left.to) left.run();
                       if (right.to) right.run();
                       kernels::binary(op, kernels::Broadcast::none, a, b, y, extent);
                     });
}

}  // namespace

Step lower_unary(const NodeView& view) {
  const std::int64_t size = view.size(view.result_shape());
  if (view.node().op == Op::neg)
    return kernel_step(text_of({1, size}), "affine", [=, x = view.in(0), y = view.out()] {
      kernels::affine(-1.0f, 0.0f, x, y, size);
    });
  return kernel_step(text_of({1, size}), to_string(view.node().op),
                     [=, op = unary_of(view.node().op), x = view.in(0), y = view.out()] {
                       kernels::unary(op, x, y, size);
                     });
}

Step lower_binary(const NodeView& view, Workshop& shop) {
  const Op op = view.node().op;
  std::size_t left = 0, right = 1;
  auto form = form_of(view.shape(0), view.shape(1), view.result_shape());
  const bool commutes = record(op).trait.value == Trait::commutative;
  if (!form && commutes) {
    std::swap(left, right);
    form = form_of(view.shape(left), view.shape(right), view.result_shape());
  }
  if (!form) return lower_spread(view, shop);
  const kernels::Extent extent = view.extent(view.result_shape());
  return kernel_step(text_of(extent), to_string(op),
                     [=, kernel = binary_of(op), a = view.in(left), b = view.in(right),
                      y = view.out()] { kernels::binary(kernel, *form, a, b, y, extent); });
}

Step lower_activation_gradient(const NodeView& view) {
  const std::int64_t size = view.size(view.result_shape());
  return kernel_step(text_of({1, size}), to_string(view.node().op),
                     [=, activation = activation_of(view.node().op), g = view.in(0), y = view.in(1),
                      x = view.out()] { kernels::activation_gradient(activation, g, y, x, size); });
}

Step lower_sum_to(const NodeView& view) {
  const kernels::Extent in = view.extent(view.shape(0));
  if (is_row_of(view.result_shape(), view.shape(0)))
    return kernel_step(text_of(in), "column_sum", [=, x = view.in(0), y = view.out()] {
      kernels::column_sum({x, in}, y);
    });
  const Fold fold{concrete_dims(view.shape(0), view.plan.batch),
                  concrete_dims(view.result_shape(), view.plan.batch), view.in(0), view.out()};
  return kernel_step(text_of(in), "fold", [fold] { fold.run(); });
}

Step lower_broadcast_to(const NodeView& view) {
  const Spread spread{concrete_dims(view.shape(0), view.plan.batch),
                      concrete_dims(view.result_shape(), view.plan.batch), view.in(0), view.out()};
  return kernel_step(text_of(view.extent(view.result_shape())), "spread",
                     [spread] { spread.run(); });
}

}  // namespace coil::onednn
