// matmul and fused_matmul as dnnl::matmul.

#include "runtime/kernels/expression.hpp"
#include "runtime/onednn/panels.hpp"
#include "runtime/onednn/product.hpp"
#include "runtime/onednn/right_side.hpp"

namespace coil::onednn {
namespace {

// The right side as `description` has it afterwards: as oneDNN likes it, or as it lies where that is not worth a copy or
// oneDNN has nothing but its general routine.
memory weights_of(const Product& product, const RightSide& right, MatmulDescription& description,
                  Workshop& shop) {
  const memory as_it_lies(right.as_it_lies(), engine(), right.data);
  if (is_summed_in_parts(product)) return as_it_lies;
  description.weights = any_format(product.k, product.n);
  const auto best = matmul_descriptor(description);
  const memory weights =
      wants_panels(best) ? as_it_lies : laid_out(right, best.weights_desc(), shop);
  description.weights = weights.get_desc();
  return weights;
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
std::function<void()> panels_of(const Product& product, float* src, const RightSide& right,
                                Workshop& shop) {
  const auto& [view, how, m, k, n] = product;
  const bool is_activated = how.activation != Activation::none;
  float* turned = how.transpose_b ? nullptr : onednn::turned(right, shop);
  auto multiply = lower_panels(
      {m, k, n, how.transpose_a, how.transpose_b || turned, how.addend, src,
       turned ? turned : right.data, view.out(), is_activated ? nullptr : product.bias()},
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
  const RightSide right{product.right(), weights, product.k, product.n, product.how.transpose_b};
  MatmulDescription description = description_of(product, f32);
  const Sides sides{f32, src, weights_of(product, right, description, shop)};
  const auto descriptor = matmul_descriptor(description);
  Step step{0, product.text(), implementation(descriptor), {}};
  step.run = wants_panels(descriptor) ? panels_of(product, src, right, shop)
                                      : run_by(descriptor, product, sides, shop);
  return step;
}

}  // namespace

Step lower_matmul(const NodeView& view, const FusedMatmulAttributes& how, Workshop& shop) {
  const Product product(view, how);
  const Element element = product.element();
  if (!is_for_products(element)) return lower_f32_matmul(product, view.in(0), view.in(1), shop);
  auto narrow = element == Element::bf16 ? lower_bf16_matmul(product, shop)
                                         : lower_int8_matmul(product, shop);
  if (narrow) return *std::move(narrow);
  // The products of bf16 and int8 are the same reals either way; they are only slower.
  Step step = lower_f32_matmul(product, widened(view, 0, shop), widened(view, 1, shop), shop);
  step.requested_type = to_string(element);
  return step;
}

}  // namespace coil::onednn
