#include "runtime/kernels/activation_gradient.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/activation_gradient.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

// `value`, but NaN where dy or y is NaN (their sum then is).
HWY_INLINE FloatVector keep_nan(FloatVector dy, FloatVector y, FloatVector value) {
  const auto is_nan = hn::Or(hn::IsNaN(dy), hn::IsNaN(y));
  return hn::IfThenElse(is_nan, hn::Add(dy, y), value);
}

struct ReluGradient {
  HWY_INLINE FloatVector operator()(FloatVector dy, FloatVector y) const {
    const auto open = hn::Gt(y, hn::Zero(FloatTag()));
    return keep_nan(dy, y, hn::IfThenElseZero(open, dy));
  }
};

struct TanhGradient {
  HWY_INLINE FloatVector operator()(FloatVector dy, FloatVector y) const {
    return hn::Mul(dy, hn::NegMulAdd(y, y, hn::Set(FloatTag(), 1.0f)));
  }
};

struct SigmoidGradient {
  HWY_INLINE FloatVector operator()(FloatVector dy, FloatVector y) const {
    return hn::Mul(hn::Mul(dy, y), hn::Sub(hn::Set(FloatTag(), 1.0f), y));
  }
};

struct HardSigmoidGradient {
  HWY_INLINE FloatVector operator()(FloatVector dy, FloatVector y) const {
    const FloatTag tag;
    const auto open = hn::And(hn::Gt(y, hn::Zero(tag)), hn::Lt(y, hn::Set(tag, 1.0f)));
    return keep_nan(dy, y, hn::IfThenElseZero(open, hn::Mul(hn::Set(tag, 0.2f), dy)));
  }
};

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
