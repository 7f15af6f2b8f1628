#include "runtime/kernels/orthonormalise.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/orthonormalise.cpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "runtime/kernels/parallel.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using DoubleTag = hn::CappedTag<double, 8>;

constexpr std::int64_t kSums =
    32;  // side by side, as many on any instruction set, so that all round alike
constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(DoubleTag()));

// Without fused products, which not every instruction set has.
double dot(const double* a, const double* b, std::int64_t size) {
  const DoubleTag tag;
  std::array<hn::Vec<DoubleTag>, kSums / kLanes> vectors;
  for (auto& vector : vectors) vector = hn::Zero(tag);
  std::int64_t i = 0;
  for (; i + kSums <= size; i += kSums) {
    const double* left = a + i;
    const double* right = b + i;
    for (auto& vector : vectors) {
      vector = hn::Add(vector, hn::Mul(hn::LoadU(tag, left), hn::LoadU(tag, right)));
      left += kLanes;
      right += kLanes;
    }
  }
  HWY_ALIGN std::array<double, kSums> sums;
  double* to = sums.data();
  for (const auto& vector : vectors) {
    hn::Store(vector, tag, to);
    to += kLanes;
  }
  double sum = 0;
  for (; i < size; ++i) sum += a[i] * b[i];
  for (const double part : sums) sum += part;
  return sum;
}

// row -= along * unit
void subtract(double along, const double* unit, double* row, std::int64_t size) {
  const DoubleTag tag;
  const auto factor = hn::Set(tag, along);
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    const auto part = hn::Mul(factor, hn::LoadU(tag, unit + i));
    hn::StoreU(hn::Sub(hn::LoadU(tag, row + i), part), tag, row + i);
  }
  for (; i < size; ++i) row[i] -= along * unit[i];
}

// Takes from each of `rows` rows what lies along each of `units` rows of length one. A unit serves all rows while the
// cache has it.
void project_out(const double* unit, std::int64_t units, double* first, std::int64_t rows,
                 std::int64_t columns) {
  for (std::int64_t u = 0; u < units; ++u, unit += columns) {
    double* row = first;
    for (std::int64_t r = 0; r < rows; ++r, row += columns)
      subtract(dot(row, unit, columns), unit, row, columns);
  }
}

void normalise(double* row, std::int64_t columns) {
  const double length = std::sqrt(dot(row, row, columns));
  for (std::int64_t i = 0; i < columns; ++i) row[i] /= length;
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kProjectThreshold = 32768;  // 13 us at 0.4 ns an element
constexpr std::int64_t kBlock =
    32;  // rows: of 2,048 columns, they stay in a cache of the second level

HWY_EXPORT(project_out);
HWY_EXPORT(normalise);

}  // namespace

void orthonormalise(double* matrix, std::int64_t rows, std::int64_t columns) {
  const auto project = HWY_DYNAMIC_DISPATCH(project_out);
  const auto unit_length = HWY_DYNAMIC_DISPATCH(normalise);
  for (std::int64_t begin = 0; begin < rows; begin += kBlock) {
    double* const block = matrix + begin * columns;
    const std::int64_t height = std::min(kBlock, rows - begin);
    split(begin * height * columns, kProjectThreshold, {.count = height},
          [&](std::int64_t first, std::int64_t last) {
            for (int pass = 0; pass < 2; ++pass)
              project(matrix, begin, block + first * columns, last - first, columns);
          });
    for (std::int64_t r = 0; r < height; ++r) {
      double* const row = block + r * columns;
      for (int pass = 0; pass < 2; ++pass) project(block, r, row, 1, columns);
      unit_length(row, columns);
    }
  }
}

}  // namespace coil::kernels
#endif
