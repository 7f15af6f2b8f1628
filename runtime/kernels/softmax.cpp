#include "runtime/kernels/softmax.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/softmax.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/softmax_row-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

void softmax_range(ConstMatrix in, float* out, std::int64_t begin, std::int64_t end) {
  const std::int64_t width = in.extent.columns;
  for (std::int64_t row = begin; row < end; ++row) {
    const float* from = in.data + row * width;
    float* to = out + row * width;
    const float maximum = row_maximum(from, width);
    const float others = exponential_row(from, width, maximum, KeepIn{to});
    scale_row(to, width, 1.0f / (1.0f + others));
  }
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kSoftmaxThreshold = 20480;  // 10 us at 0.5 ns an element

HWY_EXPORT(softmax_range);

}  // namespace

void softmax(ConstMatrix in, float* out) {
  const auto range = HWY_DYNAMIC_DISPATCH(softmax_range);
  split(in.extent.size(), kSoftmaxThreshold, {.count = in.extent.rows},
        [&](std::int64_t begin, std::int64_t end) { range(in, out, begin, end); });
}

}  // namespace coil::kernels
#endif
