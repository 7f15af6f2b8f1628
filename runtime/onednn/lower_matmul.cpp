// matmul and fused_matmul as dnnl::matmul. Rows of a are all its dimensions but the last.

#include "runtime/kernels/expression.hpp"
#include "runtime/kernels/transpose.hpp"
#include "runtime/onednn/lowering.hpp"
#include "runtime/onednn/panels.hpp"

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

// Whether the right side is a weight that no run changes: it is packed once for all programs.
bool is_staying_weight(const NodeView& view, const Workshop& shop) {
  const NodeId right = view.operand(1).node;
  return view.plan.graph.node(right).op == Op::weight && shop.stays[right];
}

// The right side: a weight that stays as it is comes packed, everything else as it lies.
memory weights_of(const NodeView& view, const Sizes& s, const FusedMatmulAttributes& product,
                  MatmulDescription& description, Workshop& shop) {
  const memory::desc as_it_lies = product.transpose_b ? transposed(s.k, s.n) : plain(s.k, s.n);
  if (!is_staying_weight(view, shop)) {
    description.weights = as_it_lies;
    return {as_it_lies, engine(), view.in(1)};
  }
  description.weights = any_format(s.k, s.n);
  const memory::desc best = matmul_descriptor(description).weights_desc();
  description.weights = best;
  if (best == as_it_lies) return {as_it_lies, engine(), view.in(1)};
  return shop.packed.get(view.in(1), as_it_lies, best);
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

// The right side transposed, where that is worth a copy. The general routine reads it so up to twice as fast.
float* turned_weights(const NodeView& view, const Sizes& s, Workshop& shop) {
  const Value value = view.operand(1);
  if (is_staying_weight(view, shop))
    return static_cast<float*>(
        shop.packed.get(view.in(1), plain(s.k, s.n), transposed(s.k, s.n)).get_data_handle());
  const bool once = shop.stays[value.node];
  if (!once && shop.right_sides.at(value) < 2) return nullptr;
  const auto known = shop.turned.find(value);
  if (known != shop.turned.end()) return known->second;
  float* turned = shop.new_reals(s.k * s.n);
  shop.turned.emplace(value, turned);
  Step step = kernel_step(fmt::format("[{}x{}]", s.k, s.n), "transpose",
                          [=, from = view.in(1), rows = s.k, columns = s.n] {
                            kernels::transpose(from, turned, {rows, columns});
                          });
  step.node = value.node;
  (once ? shop.once : shop.before).push_back(std::move(step));
  return turned;
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
  float* turned = product.transpose_b ? nullptr : turned_weights(view, s, shop);
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
