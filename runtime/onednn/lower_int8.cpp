// Products of int8, and what becomes int8. A product is bare: given scales, biases or sums to apply behind it, oneDNN
// falls back to its reference routine, a thousand times slower (2.6.3). They are ops of their own.

#include "compiler/graph/ops/quantizing.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/kernels/int8.hpp"
#include "runtime/onednn/product.hpp"

namespace coil::onednn {

std::optional<Step> lower_int8_matmul(const Product& product, Workshop& shop) {
  MatmulDescription description = description_of(product, s8);
  const memory::desc as_it_lies = description.weights;
  description.weights = any_format(product.k, product.n, s8);
  const auto descriptor = int8_descriptor(description);
  if (!descriptor) return std::nullopt;
  const memory weights = in_layout({product.right(), descriptor->weights_desc()}, as_it_lies,
                                   product.view.small_in(1), text_of({product.k, product.n}), shop);
  Step step{0, product.text(), implementation(*descriptor), {}, "int8", "int8"};
  step.run = run_by(*descriptor, product, {s8, product.view.small_in(0), weights}, shop);
  return step;
}

Step lower_to_int8(const NodeView& view) {
  const auto scale = static_cast<float>(std::get<ScaleAttributes>(view.node().attributes).scale);
  return kernel_step(text_of(view.extent(view.shape(0))), "to_int8",
                     [=, from = view.in(0), to = view.addresses.small({view.id, 0}),
                      size = view.size(view.shape(0))] {
                       if (!kernels::to_int8(from, to, size, scale))
                         fail(ExitCode::bad_artifact, "{}", nan_has_no_int8);
                     });
}

Step lower_column_scales(const NodeView& view) {
  const kernels::Extent extent = view.extent(view.shape(0));
  return kernel_step(text_of(extent), "column_scales", [=, from = view.in(0), to = view.out()] {
    kernels::column_scales(from, to, extent);
  });
}

Step lower_to_int8_columns(const NodeView& view) {
  const kernels::Extent extent = view.extent(view.shape(0));
  return kernel_step(
      text_of(extent), "to_int8_columns",
      [=, from = view.in(0), scales = view.in(1), to = view.addresses.small({view.id, 0})] {
        kernels::to_int8_columns(from, scales, to, extent);
      });
}

}  // namespace coil::onednn
