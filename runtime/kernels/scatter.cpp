#include "runtime/kernels/scatter.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/scatter.cpp"
#include <algorithm>
#include <hwy/foreach_target.h>

#include "runtime/kernels/index_check.hpp"
#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

struct Plus {
  HWY_INLINE FloatVector operator()(FloatVector a, FloatVector b) const { return hn::Add(a, b); }
};

// The columns [begin, end) of the table: whoever has them goes through all indices. So two threads have as much to
// do, however unevenly the rows are used, and an element's terms are added in the order of the indices.
void scatter_range(const float* values, std::span<const std::int32_t> index, Matrix table,
                   std::int64_t begin, std::int64_t end) {
  const std::int64_t width = table.extent.columns, size = end - begin;
  for (std::int64_t row = 0; row < table.extent.rows; ++row)
    std::fill_n(table.data + row * width + begin, size, 0.0f);
  for (std::size_t i = 0; i < index.size(); ++i) {
    float* to = table.data + index[i] * width + begin;
    map(to, values + static_cast<std::int64_t>(i) * width + begin, to, size, Plus());
  }
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kScatterThreshold = 131072;  // 12 us at 0.09 ns an element

HWY_EXPORT(scatter_range);

}  // namespace

void scatter_add_rows(const float* values, std::span<const std::int32_t> index,
                      Matrix table_gradient) {
  debug_check_indices(index, table_gradient.extent.rows);
  const auto range = HWY_DYNAMIC_DISPATCH(scatter_range);
  const std::int64_t elements = std::ssize(index) * table_gradient.extent.columns;
  split(elements, kScatterThreshold, {.count = table_gradient.extent.columns, .multiple = 16},
        [&](std::int64_t begin, std::int64_t end) {
          range(values, index, table_gradient, begin, end);
        });
}

}  // namespace coil::kernels
#endif
