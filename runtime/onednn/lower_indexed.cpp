#include <span>

#include "runtime/kernels/gather.hpp"
#include "runtime/kernels/scatter.hpp"
#include "runtime/onednn/lowering.hpp"

namespace coil::onednn {
namespace {

std::span<const std::int32_t> indices(const NodeView& view) {
  return {view.index(1), static_cast<std::size_t>(view.size(view.shape(1)))};
}

}  // namespace

Step lower_gather(const NodeView& view) {
  const kernels::ConstMatrix table{view.in(0), view.extent(view.shape(0))};
  const auto index = indices(view);
  return kernel_step(fmt::format("{} rows of {}", index.size(), text_of(table.extent)),
                     "gather_rows", [=, y = view.out()] { kernels::gather_rows(table, index, y); });
}

Step lower_scatter_add(const NodeView& view) {
  const kernels::Matrix table{view.out(), view.extent(view.result_shape())};
  const auto index = indices(view);
  return kernel_step(fmt::format("{} rows into {}", index.size(), text_of(table.extent)),
                     "scatter_add_rows",
                     [=, g = view.in(0)] { kernels::scatter_add_rows(g, index, table); });
}

}  // namespace coil::onednn
