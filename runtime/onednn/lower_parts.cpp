// slice and concat as copies of runs of memory: seen from the dimension that is cut, an array is rows of what
// lies behind it.

#include <functional>
#include <numeric>

#include "runtime/kernels/copy_blocks.hpp"
#include "runtime/onednn/lowering.hpp"

namespace coil::onednn {
namespace {

// Elements in front of dimension `axis`, and from it on.
struct Cut {
  std::int64_t rows = 1;
  std::int64_t run = 1;
};

Cut cut_at(const Shape& shape, std::int64_t axis, std::int64_t batch) {
  const auto dims = concrete_dims(shape, batch);
  const auto product = [](auto begin, auto end) {
    return std::accumulate(begin, end, std::int64_t{1}, std::multiplies{});
  };
  return {product(dims.begin(), dims.begin() + axis), product(dims.begin() + axis, dims.end())};
}

std::byte* bytes(const NodeView& view, Value value) {
  return static_cast<std::byte*>(view.addresses.at(view.plan.slot(value)));
}

Step copy_step(std::vector<kernels::Block> blocks, std::int64_t rows, std::string_view name) {
  std::erase_if(blocks, [](const kernels::Block& block) { return block.from == block.to; });
  std::string what = fmt::format("{} rows of {} runs", rows, blocks.size());
  return kernel_step(std::move(what), name, [blocks = std::move(blocks), rows] {
    if (!blocks.empty()) kernels::copy_blocks(blocks, rows);
  });
}

}  // namespace

Step lower_slice(const NodeView& view) {
  const auto& slice = std::get<SliceAttributes>(view.node().attributes);
  const Cut whole = cut_at(view.shape(0), slice.axis, view.plan.batch);
  const std::int64_t behind = whole.run / view.shape(0).dims[static_cast<std::size_t>(slice.axis)];
  const std::int64_t run = behind * slice.size;
  const std::byte* from = bytes(view, view.operand(0)) +
                          slice.begin * behind * static_cast<std::int64_t>(sizeof(float));
  return copy_step({{from, bytes(view, {view.id, 0}), run, whole.run, run}}, whole.rows, "slice");
}

Step lower_concat(const NodeView& view) {
  const auto& concat = std::get<ConcatAttributes>(view.node().attributes);
  const Cut whole = cut_at(view.result_shape(), concat.axis, view.plan.batch);
  std::byte* to = bytes(view, {view.id, 0});
  std::vector<kernels::Block> blocks;
  for (std::size_t i = 0; i < view.node().operands.size(); ++i) {
    const std::int64_t run = view.size(view.shape(i)) / whole.rows;
    blocks.push_back({bytes(view, view.operand(i)), to, run, run, whole.run});
    to += run * static_cast<std::int64_t>(sizeof(float));
  }
  return copy_step(std::move(blocks), whole.rows, "concat");
}

}  // namespace coil::onednn
