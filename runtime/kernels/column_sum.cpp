#include "runtime/kernels/column_sum.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/column_sum.cpp"
#include <algorithm>
#include <hwy/foreach_target.h>

#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

constexpr std::int64_t kRowBlock = 64;

// Columns that lie in `kVectors` neighbouring vectors, of which the last may be partly used.
template <int kVectors>
struct ColumnGroup {
  const float* in;
  Extent extent;      // of the whole matrix
  std::int64_t last;  // used lanes of the last vector

  HWY_INLINE FloatVector load(const float* row, int vector) const {
    const float* from = row + vector * lanes();
    if (vector + 1 < kVectors || last == lanes()) return hn::LoadU(FloatTag(), from);
    return load_first(from, last);
  }

  // Adds the rows [begin, end) to `sums`.
  HWY_INLINE void add_rows(std::int64_t begin, std::int64_t end, FloatVector* sums) const {
    FloatVector block[kVectors];
    for (int k = 0; k < kVectors; ++k) block[k] = hn::Zero(FloatTag());
    for (std::int64_t row = begin; row < end; ++row) {
      const float* from = in + row * extent.columns;
      for (int k = 0; k < kVectors; ++k) block[k] = hn::Add(block[k], load(from, k));
    }
    for (int k = 0; k < kVectors; ++k) sums[k] = hn::Add(sums[k], block[k]);
  }

  HWY_INLINE void sum(float* out) const {
    FloatVector sums[kVectors];
    for (int k = 0; k < kVectors; ++k) sums[k] = hn::Zero(FloatTag());
    for (std::int64_t row = 0; row < extent.rows; row += kRowBlock) {
      add_rows(row, std::min(row + kRowBlock, extent.rows), sums);
    }
    for (int k = 0; k + 1 < kVectors; ++k) hn::StoreU(sums[k], FloatTag(), out + k * lanes());
    float* end = out + (kVectors - 1) * lanes();
    if (last == lanes()) {
      hn::StoreU(sums[kVectors - 1], FloatTag(), end);
    } else {
      store_first(sums[kVectors - 1], end, last);
    }
  }
};

void sum_columns(ConstMatrix in, float* out, std::int64_t begin, std::int64_t end) {
  const std::int64_t n = lanes();
  for (std::int64_t column = begin; column < end; column += 4 * n) {
    const std::int64_t used = std::min(end - column, 4 * n);
    const float* from = in.data + column;
    float* to = out + column;
    switch ((used + n - 1) / n) {
      case 1:
        ColumnGroup<1>{from, in.extent, used}.sum(to);
        break;
      case 2:
        ColumnGroup<2>{from, in.extent, used - n}.sum(to);
        break;
      case 3:
        ColumnGroup<3>{from, in.extent, used - 2 * n}.sum(to);
        break;
      default:
        ColumnGroup<4>{from, in.extent, used - 3 * n}.sum(to);
        break;
    }
  }
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kColumnSumThreshold = 229376;  // 10 us at 0.045 ns an element
constexpr std::int64_t kCacheLine = 16;  // floats: a thread's columns are whole lines of a row

HWY_EXPORT(sum_columns);

}  // namespace

void column_sum(ConstMatrix in, float* out) {
  const auto columns = HWY_DYNAMIC_DISPATCH(sum_columns);
  split(in.extent.size(), kColumnSumThreshold, {.count = in.extent.columns, .multiple = kCacheLine},
        [&](std::int64_t begin, std::int64_t end) { columns(in, out, begin, end); });
}

}  // namespace coil::kernels
#endif
