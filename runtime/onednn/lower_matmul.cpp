// matmul and fused_matmul as dnnl::matmul.

#include "runtime/kernels/expression.hpp"
#include "runtime/kernels/transpose.hpp"
#include "runtime/onednn/panels.hpp"
#include "runtime/onednn/product.hpp"

namespace coil::onednn {
namespace {

// Whether the right side is a weight that no run changes: it is packed once for all programs.
bool is_staying_weight(const Product& product, const Workshop& shop) {
  const NodeId right = product.right().node;
  return product.view.plan.graph.node(right).op == Op::weight && shop.stays[right];
}

// The right side at `data`: a weight that stays as it is comes packed, everything else as it lies.
memory weights_of(const Product& product, float* data, MatmulDescription& description,
                  Workshop& shop) {
  const memory::desc as_it_lies = description.weights;
  if (!is_staying_weight(product, shop) || is_summed_in_parts(product))
    return {as_it_lies, engine(), data};
  description.weights = any_format(product.k, product.n);
  const memory::desc best = matmul_descriptor(description).weights_desc();
  description.weights = best;
  if (best == as_it_lies) return {as_it_lies, engine(), data};
  return shop.packed.get(data, as_it_lies, best);
}

kernels::Function function_of(Activation activation) {
  switch (activation) {
    case Activation::none:
      return kernels::Function::copy;
    case Activation::relu:
      return kernels::Function::relu;
    case Activation::tanh:
      return kernels::Function::tanh;
    case Activation::sigmoid:
      return kernels::Function::sigmoid;
    case Activation::hard_sigmoid:
      return kernels::Function::hard_sigmoid;
  }
  __builtin_unreachable();
}

// The right side at `data` transposed, where that is worth a copy. The general routine reads it so up to twice as fast.
float* turned_weights(const Product& product, float* data, Workshop& shop) {
  const Value value = product.right();
  const std::int64_t k = product.k, n = product.n;
  if (is_staying_weight(product, shop))
    return static_cast<float*>(
        shop.packed.get(data, plain(k, n), transposed(k, n)).get_data_handle());
  const bool once = shop.stays[value.node];
  if (!once && shop.right_sides.at({value, false}) < 2) return nullptr;
  const auto known = shop.turned.find(value);
  if (known != shop.turned.end()) return known->second;
  float* turned = shop.new_reals(k * n);
  shop.turned.emplace(value, turned);
  Step step = kernel_step(fmt::format("[{}x{}]", k, n), "transpose", [=] {
    kernels::transpose(data, turned, {k, n});
  });
  step.node = value.node;
  (once ? shop.once : shop.before).push_back(std::move(step));
  return turned;
}

// activation(dst + bias), row by row.
kernels::Expression behind(const Product& product) {
  const kernels::Place dst{product.view.out(), product.n}, bias{product.bias()};
  kernels::Expression expression{
      .extent = {product.m, product.n}, .numbers = {}, .instructions = {}};
  if (product.how.bias) expression.instructions.push_back({kernels::Function::add, dst, bias, dst});
  expression.instructions.push_back({function_of(product.how.activation), dst, dst, dst});
  return expression;
}

// By the general routine, which takes ten times as long for an activation as a kernel of ours.
std::function<void()> panels_of(const Product& product, float* src, float* weights,
                                Workshop& shop) {
  const auto& [view, how, m, k, n] = product;
  const bool is_activated = how.activation != Activation::none;
  float* turned = how.transpose_b ? nullptr : turned_weights(product, weights, shop);
  auto multiply =
      lower_panels({m, k, n, how.transpose_a, how.transpose_b || turned, how.addend, src,
                    turned ? turned : weights, view.out(), is_activated ? nullptr : product.bias()},
                   shop);
  auto summed = [dst = view.out(), addend = product.addend(), size = m * n,
                 multiply = std::move(multiply)] {
    if (addend) move_to(dst, addend, size);
    multiply();
  };
  if (!is_activated) return summed;
  return [summed = std::move(summed), expression = behind(product)] {
    summed();
    kernels::evaluate(expression, nullptr);
  };
}

// On sides that are reals.
Step lower_f32_matmul(const Product& product, float* src, float* weights, Workshop& shop) {
  MatmulDescription description = description_of(product, f32);
  const Sides sides{f32, src, weights_of(product, weights, description, shop)};
  const auto descriptor = matmul_descriptor(description);
  Step step{0, product.text(), implementation(descriptor), {}};
  step.run = wants_panels(descriptor) ? panels_of(product, src, weights, shop)
                                      : run_by(descriptor, product, sides, shop);
  return step;
}

}  // namespace

Step lower_matmul(const NodeView& view, const FusedMatmulAttributes& how, Workshop& shop) {
  const Product product(view, how);
  if (!product.is_rounded()) return lower_f32_matmul(product, view.in(0), view.in(1), shop);
  if (auto step = lower_bf16_matmul(product, shop)) return *std::move(step);
  // The products of bf16 are the same reals either way; they are only slower.
  Step step = lower_f32_matmul(product, widened(view, 0, shop), widened(view, 1, shop), shop);
  step.requested_type = "bf16";
  return step;
}

}  // namespace coil::onednn
