#include "runtime/kernels/activation_gradient.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/activation_gradient.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/functions-inl.hpp"
#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

void gradient_range(Activation activation, const float* dy, const float* y, float* dx,
                    std::int64_t size) {
  switch (activation) {
    case Activation::relu:
      return map(dy, y, dx, size, ReluGradient());
    case Activation::tanh:
      return map(dy, y, dx, size, TanhGradient());
    case Activation::sigmoid:
      return map(dy, y, dx, size, SigmoidGradient());
    case Activation::hard_sigmoid:
      return map(dy, y, dx, size, HardSigmoidGradient());
  }
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kGradientThreshold = 98304;  // 11 us at 0.11 ns an element
constexpr std::int64_t kCacheLine = 16;             // floats

HWY_EXPORT(gradient_range);

}  // namespace

void activation_gradient(Activation activation, const float* dy, const float* y, float* dx,
                         std::int64_t size) {
  const auto range = HWY_DYNAMIC_DISPATCH(gradient_range);
  split(size, kGradientThreshold, {.count = size, .multiple = kCacheLine},
        [&](std::int64_t begin, std::int64_t end) {
          range(activation, dy + begin, y + begin, dx + begin, end - begin);
        });
}

}  // namespace coil::kernels
#endif
