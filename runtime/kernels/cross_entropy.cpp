#include "runtime/kernels/cross_entropy.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/cross_entropy.cpp"
#include <algorithm>
#include <hwy/foreach_target.h>

#include "runtime/kernels/index_check.hpp"
#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/softmax_row-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

struct Loss {
  // Highway's Log1p gives a finite number for NaN.
  HWY_INLINE FloatVector operator()(FloatVector others, FloatVector gap) const {
    const FloatVector log = hn::Log1p(FloatTag(), others);
    return hn::Add(hn::IfThenElse(hn::IsNaN(others), others, log), gap);
  }
};

// Turns the exponentials in `row` into the gradient. Where the target is the largest logit, the
// difference 1 - p comes from the other terms: 1 - p itself would lose them.
HWY_INLINE void finish_gradient(float* row, std::int64_t width, std::int32_t target, float others,
                                float rows) {
  const float sum = 1.0f + others;
  const float factor = 1.0f / (sum * rows);
  const float missing = row[target] == 1.0f ? others : sum - row[target];
  scale_row(row, width, factor);
  row[target] = -missing * factor;
}

// The rows [begin, end). `gradient` is null in the forward-only form.
void cross_entropy_block(ConstMatrix logits, const std::int32_t* target, float* losses,
                         float* gradient, std::int64_t begin, std::int64_t end) {
  constexpr std::int64_t kBlock = 64;  // rows whose logarithms are taken together
  const std::int64_t width = logits.extent.columns;
  const auto rows = static_cast<float>(logits.extent.rows);
  float gaps[kBlock];
  for (std::int64_t first = begin; first < end; first += kBlock) {
    const std::int64_t count = std::min(kBlock, end - first);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t at = first + i;
      const float* row = logits.data + at * width;
      const float maximum = row_maximum(row, width);
      gaps[i] = maximum - row[target[at]];
      if (gradient == nullptr) {
        losses[at] = exponential_row(row, width, maximum, KeepNothing());
      } else {
        float* out = gradient + at * width;
        losses[at] = exponential_row(row, width, maximum, KeepIn{out});
        finish_gradient(out, width, target[at], losses[at], rows);
      }
    }
    map(losses + first, gaps, losses + first, count, Loss());
  }
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kCrossEntropyThreshold = 20480;  // 11 us at 0.55 ns an element

HWY_EXPORT(cross_entropy_block);

// Four sums run side by side: one alone would wait for each addition.
double mean(const float* losses, std::int64_t rows) {
  double sums[4] = {};
  for (std::int64_t i = 0; i < rows; ++i) sums[i % 4] += static_cast<double>(losses[i]);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) / static_cast<double>(rows);
}

}  // namespace

double softmax_cross_entropy(ConstMatrix logits, const std::int32_t* target, float* losses,
                             float* gradient) {
  const std::int64_t rows = logits.extent.rows;
  debug_check_indices({target, static_cast<std::size_t>(rows)}, logits.extent.columns);
  const auto block = HWY_DYNAMIC_DISPATCH(cross_entropy_block);
  split(logits.extent.size(), kCrossEntropyThreshold, {.count = rows},
        [&](std::int64_t begin, std::int64_t end) {
          block(logits, target, losses, gradient, begin, end);
        });
  return mean(losses, rows);
}

double softmax_cross_entropy(ConstMatrix logits, const std::int32_t* target, float* losses) {
  return softmax_cross_entropy(logits, target, losses, nullptr);
}

}  // namespace coil::kernels
#endif
