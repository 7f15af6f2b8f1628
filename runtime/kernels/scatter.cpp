#include "runtime/kernels/scatter.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/scatter.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/index_check.hpp"
#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/row_lists.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

constexpr int kVectors = 8;  // of a row, which are summed side by side in registers

// out[c] = sum over the rows of values[row, c], for the columns of `vectors` whole vectors.
template <int vectors>
HWY_INLINE void sum_rows(const float* values, std::int64_t width,
                         std::span<const std::int32_t> rows, float* out) {
  FloatVector sums[vectors];
  for (int k = 0; k < vectors; ++k) sums[k] = hn::Zero(FloatTag());
  for (const std::int32_t row : rows) {
    const float* from = values + row * width;
    for (int k = 0; k < vectors; ++k)
      sums[k] = hn::Add(sums[k], hn::LoadU(FloatTag(), from + k * lanes()));
  }
  for (int k = 0; k < vectors; ++k) hn::StoreU(sums[k], FloatTag(), out + k * lanes());
}

// The same for the first `count` < lanes() columns.
HWY_INLINE void sum_first(const float* values, std::int64_t width,
                          std::span<const std::int32_t> rows, std::int64_t count, float* out) {
  FloatVector sum = hn::Zero(FloatTag());
  for (const std::int32_t row : rows) sum = hn::Add(sum, load_first(values + row * width, count));
  store_first(sum, out, count);
}

// The columns [begin, end) of the table: whoever has them goes through all rows. So two threads have as much to
// do, however unevenly the rows are used, and an element's terms are added in the order of the indices.
void scatter_range(const float* values, const RowLists& lists, Matrix table, std::int64_t begin,
                   std::int64_t end) {
  const std::int64_t width = table.extent.columns;
  for (std::int64_t row = 0; row < table.extent.rows; ++row) {
    const auto rows = lists.of(row);
    float* out = table.data + row * width;
    std::int64_t c = begin;
    for (; c + kVectors * lanes() <= end; c += kVectors * lanes())
      sum_rows<kVectors>(values + c, width, rows, out + c);
    for (; c + lanes() <= end; c += lanes()) sum_rows<1>(values + c, width, rows, out + c);
    if (c < end) sum_first(values + c, width, rows, end - c, out + c);
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
  const RowLists& lists = lists_of(index, table_gradient.extent.rows);
  const std::int64_t elements = std::ssize(index) * table_gradient.extent.columns;
  split(elements, kScatterThreshold, {.count = table_gradient.extent.columns, .multiple = 16},
        [&](std::int64_t begin, std::int64_t end) {
          range(values, lists, table_gradient, begin, end);
        });
}

}  // namespace coil::kernels
#endif
