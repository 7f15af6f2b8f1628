#include "runtime/kernels/squared_norm.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/squared_norm.cpp"
#include <algorithm>
#include <array>
#include <hwy/foreach_target.h>

#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/pieces.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

double sum_of_squares(const float* data, std::int64_t size) {
  const hn::ScalableTag<double> wide;
  const hn::Rebind<float, decltype(wide)> narrow;
  const auto n = static_cast<std::int64_t>(hn::Lanes(wide));
  auto even = hn::Zero(wide);
  auto odd = hn::Zero(wide);
  std::int64_t i = 0;
  for (; i + 2 * n <= size; i += 2 * n) {
    const auto a = hn::PromoteTo(wide, hn::LoadU(narrow, data + i));
    const auto b = hn::PromoteTo(wide, hn::LoadU(narrow, data + i + n));
    even = hn::MulAdd(a, a, even);
    odd = hn::MulAdd(b, b, odd);
  }
  double sum = hn::GetLane(hn::SumOfLanes(wide, hn::Add(even, odd)));
  for (; i < size; ++i) sum += static_cast<double>(data[i]) * static_cast<double>(data[i]);
  return sum;
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kNormThreshold = 131072;  // 9 us at 0.07 ns an element
constexpr std::int64_t kShares = 64;             // partial sums, whatever the number of threads
constexpr std::int64_t kSmallest = 1024;  // elements of a share: below, its ends cost more than it

HWY_EXPORT(sum_of_squares);

}  // namespace

double squared_norm(std::span<const NormTensor> tensors) {
  const auto sum = HWY_DYNAMIC_DISPATCH(sum_of_squares);
  const std::int64_t total = total_size(tensors);
  const std::int64_t share = std::max((total + kShares - 1) / kShares, kSmallest);
  std::array<double, kShares> sums{};
  split(total, kNormThreshold, {.count = kShares}, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      double& own = sums[static_cast<std::size_t>(i)];
      for_each_piece(tensors, i * share, (i + 1) * share,
                     [&](const NormTensor& tensor, std::int64_t first, std::int64_t count) {
                       own += sum(tensor.data + first, count);
                     });
    }
  });
  double whole = 0;
  for (const double part : sums) whole += part;
  return whole;
}

}  // namespace coil::kernels
#endif
