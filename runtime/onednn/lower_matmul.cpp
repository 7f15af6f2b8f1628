// matmul and fused_matmul as dnnl::matmul. Rows of a are all its dimensions but the last.

#include "runtime/kernels/expression.hpp"
#include "runtime/onednn/lowering.hpp"
#include "runtime/onednn/panels.hpp"
#include "runtime/onednn/right_side.hpp"

namespace coil::onednn {
namespace {

struct Sizes {
  std::int64_t m, k, n;
};

Sizes sizes_of(const NodeView& view, const FusedMatmulAttributes& product) {
  const kernels::Extent a = view.extent(view.shape(0));
  const kernels::Extent dst = view.extent(view.result_shape());
  return {dst.rows, product.transpose_a ? a.rows : a.columns, dst.columns};
}

std::string describe(const Sizes& s, const FusedMatmulAttributes& product) {
  std::string what = fmt::format("[{}x{}]{} @ [{}x{}]{}", s.m, s.k, product.transpose_a ? "'" : "",
                                 s.k, s.n, product.transpose_b ? "'" : "");
  if (product.bias) what += " + bias";
  if (product.addend) what += " + dst";
  if (product.activation != Activation::none)
    what += fmt::format(", {}", to_string(product.activation));
  return what;
}

// The right side as `description` has it afterwards: as oneDNN likes it, or as it lies where that is not worth a copy or
// oneDNN has nothing but its general routine.
memory weights_of(const NodeView& view, const Sizes& s, const FusedMatmulAttributes& product,
                  MatmulDescription& description, Workshop& shop) {
  const RightSide right = right_side(view, s.k, s.n, product.transpose_b);
  description.weights = any_format(s.k, s.n);
  const auto best = matmul_descriptor(description);
  const memory weights = wants_panels(best) ? memory(right.as_it_lies(), engine(), right.data)
                                            : laid_out(right, best.weights_desc(), shop);
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
kernels::Expression behind(const NodeView& view, const Sizes& s,
                           const FusedMatmulAttributes& product) {
  const kernels::Place dst{view.out(), s.n}, bias{product.bias ? view.in(2) : nullptr};
  kernels::Expression expression{.extent = {s.m, s.n}, .numbers = {}, .instructions = {}};
  if (product.bias) expression.instructions.push_back({kernels::Function::add, dst, bias, dst});
  expression.instructions.push_back({function_of(product.activation), dst, dst, dst});
  return expression;
}

// By the general routine, which takes ten times as long for an activation as a kernel of ours.
std::function<void()> panels_of(const NodeView& view, const Sizes& s,
                                const FusedMatmulAttributes& product, Workshop& shop) {
  const bool is_activated = product.activation != Activation::none;
  float* turned = product.transpose_b
                      ? nullptr
                      : onednn::turned(right_side(view, s.k, s.n, product.transpose_b), shop);
  auto multiply = lower_panels({s.m, s.k, s.n, product.transpose_a, product.transpose_b || turned,
                                product.addend, view.in(0), turned ? turned : view.in(1),
                                view.out(), product.bias && !is_activated ? view.in(2) : nullptr},
                               shop);
  const float* addend = product.addend ? view.in(view.node().operands.size() - 1) : nullptr;
  auto summed = [=, dst = view.out(), size = s.m * s.n, multiply = std::move(multiply)] {
    if (addend) move_to(dst, addend, size);
    multiply();
  };
  if (!is_activated) return summed;
  return [summed = std::move(summed), expression = behind(view, s, product)] {
    summed();
    kernels::evaluate(expression, nullptr);
  };
}

}  // namespace

Step lower_matmul(const NodeView& view, const FusedMatmulAttributes& product, Workshop& shop) {
  const Sizes s = sizes_of(view, product);
  MatmulDescription description{.src = product.transpose_a ? transposed(s.m, s.k) : plain(s.m, s.k),
                                .weights = {},
                                .dst = plain(s.m, s.n),
                                .has_bias = product.bias,
                                .sum_dst = product.addend,
                                .activation = product.activation};
  const memory weights = weights_of(view, s, product, description, shop);
  const auto descriptor = matmul_descriptor(description);
  if (wants_panels(descriptor))
    return {0, describe(s, product), implementation(descriptor), panels_of(view, s, product, shop)};
  const float* addend = product.addend ? view.in(view.node().operands.size() - 1) : nullptr;
  Arguments arguments = {{DNNL_ARG_SRC, memory(description.src, engine(), view.in(0))},
                         {DNNL_ARG_WEIGHTS, weights},
                         {DNNL_ARG_DST, memory(description.dst, engine(), view.out())},
                         {DNNL_ARG_SCRATCHPAD, shop.scratchpad(descriptor.scratchpad_desc())}};
  if (product.bias) arguments.emplace(DNNL_ARG_BIAS, memory(plain(1, s.n), engine(), view.in(2)));

  Step step{0, describe(s, product), implementation(descriptor), {}};
  step.run = [primitive = dnnl::matmul(descriptor), arguments = std::move(arguments), addend,
              dst = view.out(), size = s.m * s.n] {
    if (addend) move_to(dst, addend, size);
    primitive.execute(stream(), arguments);
  };
  return step;
}

}  // namespace coil::onednn
