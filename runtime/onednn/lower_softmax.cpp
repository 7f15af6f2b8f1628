#include "runtime/kernels/cross_entropy.hpp"
#include "runtime/kernels/softmax.hpp"
#include "runtime/onednn/lowering.hpp"

namespace coil::onednn {

// Ours, not oneDNN's, which hides a NaN.
Step lower_softmax(const NodeView& view) {
  const kernels::ConstMatrix in{view.in(0), view.extent(view.shape(0))};
  return kernel_step(text_of(in.extent), "softmax",
                     [=, y = view.out()] { kernels::softmax(in, y); });
}

Step lower_softmax_grad(const NodeView& view, Workshop& shop) {
  const kernels::Extent extent = view.extent(view.result_shape());
  const memory::desc data = plain(extent.rows, extent.columns);
  const auto descriptor = softmax_backward_descriptor(data);
  Arguments arguments = {{DNNL_ARG_DIFF_DST, memory(data, engine(), view.in(0))},
                         {DNNL_ARG_DST, memory(data, engine(), view.in(1))},
                         {DNNL_ARG_DIFF_SRC, memory(data, engine(), view.out())},
                         {DNNL_ARG_SCRATCHPAD, shop.scratchpad(descriptor.scratchpad_desc())}};
  Step step{0, text_of(extent), implementation(descriptor), {}};
  step.run = [primitive = dnnl::softmax_backward(descriptor), arguments = std::move(arguments)] {
    primitive.execute(stream(), arguments);
  };
  return step;
}

Step lower_cross_entropy(const NodeView& view, Workshop& shop) {
  const kernels::ConstMatrix logits{view.in(0), view.extent(view.shape(0))};
  float* losses = shop.new_reals(logits.extent.rows);
  return kernel_step(text_of(logits.extent), "softmax_cross_entropy",
                     [=, target = view.index(1), loss = view.out(0), gradient = view.out(1)] {
                       *loss = static_cast<float>(
                           kernels::softmax_cross_entropy(logits, target, losses, gradient));
                     });
}

}  // namespace coil::onednn
