#include "compiler/source/internal_error.hpp"

#include "runtime/kernels/activation_gradient.hpp"
#include "runtime/kernels/binary.hpp"
#include "runtime/kernels/column_sum.hpp"
#include "runtime/kernels/dropout.hpp"
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

// One value of the result's shape, where the kernel finds it: its own place or, spread out first, another.
struct Side {
  const float* at = nullptr;
  Spread spread;  // nowhere, where the value has the shape

  void prepare() const {
    if (spread.to) spread.run();
  }
};

Side spread_side(const NodeView& view, std::size_t operand, Workshop& shop) {
  Side side{view.in(operand), {}};
  if (view.shape(operand) == view.result_shape()) return side;
  side.spread = {concrete_dims(view.shape(operand), view.plan.batch),
                 concrete_dims(view.result_shape(), view.plan.batch), view.in(operand),
                 shop.new_reals(view.size(view.result_shape()))};
  side.at = side.spread.to;
  return side;
}

// y = a op b, of the whole result.
struct Pair {
  kernels::Binary op;
  kernels::Broadcast form = kernels::Broadcast::none;
  Side a, b;
  float* y = nullptr;

  void run(kernels::Extent extent) const {
    a.prepare();
    b.prepare();
    kernels::binary(op, form, a.at, b.at, y, extent);
  }
};

// The first two operands; of those that may change places, in the order that needs no spreading.
Pair first_pair(const NodeView& view, Workshop& shop) {
  const Op op = view.node().op;
  const Shape& result = view.result_shape();
  std::size_t left = 0, right = 1;
  auto form = form_of(view.shape(0), view.shape(1), result);
  if (!form && record(op).trait.value == Trait::commutative) {
    std::swap(left, right);
    form = form_of(view.shape(left), view.shape(right), result);
  }
  if (form) return {binary_of(op), *form, {view.in(left), {}}, {view.in(right), {}}, view.out()};
  return {binary_of(op), kernels::Broadcast::none, spread_side(view, 0, shop),
          spread_side(view, 1, shop), view.out()};
}

// What was computed so far with one operand more.
Pair next_pair(const NodeView& view, std::size_t operand, Workshop& shop) {
  const Shape& result = view.result_shape();
  const auto form = form_of(result, view.shape(operand), result);
  const Side b = form ? Side{view.in(operand), {}} : spread_side(view, operand, shop);
  return {binary_of(view.node().op),
          form.value_or(kernels::Broadcast::none),
          {view.out(), {}},
          b,
          view.out()};
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
  std::vector<Pair> pairs{first_pair(view, shop)};
  for (std::size_t i = 2; i < view.node().operands.size(); ++i)
    pairs.push_back(next_pair(view, i, shop));
  bool spreads = false;
  for (const Pair& pair : pairs) spreads = spreads || pair.a.spread.to || pair.b.spread.to;
  const kernels::Extent extent = view.extent(view.result_shape());
  const std::string_view name = to_string(view.node().op);
  std::string what = text_of(extent);
  if (pairs.size() > 1) what += fmt::format(" of {}", pairs.size() + 1);
  return kernel_step(std::move(what), spreads ? fmt::format("spread+{}", name) : name,
                     [pairs = std::move(pairs), extent] {
                       for (const Pair& pair : pairs) pair.run(extent);
                     });
}

Step lower_activation_gradient(const NodeView& view) {
  const std::int64_t size = view.size(view.result_shape());
  return kernel_step(text_of({1, size}), to_string(view.node().op),
                     [=, activation = activation_of(view.node().op), g = view.in(0), y = view.in(1),
                      x = view.out()] { kernels::activation_gradient(activation, g, y, x, size); });
}

Step lower_dropout(const NodeView& view) {
  const auto& attributes = std::get<DropoutAttributes>(view.node().attributes);
  const std::int64_t size = view.size(view.result_shape());
  if (view.node().operands.size() == 1)
    return kernel_step(text_of({1, size}), "copy",
                       [=, x = view.in(0), y = view.out()] { move_to(y, x, size); });
  const auto scale = static_cast<float>(1 / (1 - attributes.rate));
  return kernel_step(text_of({1, size}), "dropout",
                     [=, x = view.in(0), seed = view.in(1), step = view.in(2), y = view.out()] {
                       const DropoutMask mask(attributes.rate, attributes.layer, *seed, *step);
                       kernels::dropout(mask, scale, x, y, size);
                     });
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
