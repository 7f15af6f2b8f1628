#include "runtime/kernels/unary.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/unary.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/functions-inl.hpp"
#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

struct Affine {
  FloatVector scale;
  FloatVector offset;
  HWY_INLINE FloatVector operator()(FloatVector x) const { return hn::MulAdd(scale, x, offset); }
};

void unary_range(Unary op, const float* in, float* out, std::int64_t size) {
  switch (op) {
    case Unary::tanh:
      return map(in, out, size, Tanh());
    case Unary::sigmoid:
      return map(in, out, size, Sigmoid());
    case Unary::hard_sigmoid:
      return map(in, out, size, HardSigmoid());
    case Unary::relu:
      return map(in, out, size, Relu());
    case Unary::exp:
      return map(in, out, size, Exp());
    case Unary::log:
      return map(in, out, size, Log());
  }
}

void affine_range(float scale, float offset, const float* in, float* out, std::int64_t size) {
  map(in, out, size, Affine{constant(scale), constant(offset)});
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kCheapThreshold = 98304;  // affine, relu, hard_sigmoid: 10 us at 0.1 ns
constexpr std::int64_t kDearThreshold = 40960;   // tanh, sigmoid, exp, log: 10 us at 0.25 ns
constexpr std::int64_t kCacheLine = 16;          // floats

HWY_EXPORT(unary_range);
HWY_EXPORT(affine_range);

std::int64_t threshold_of(Unary op) {
  switch (op) {
    case Unary::hard_sigmoid:
    case Unary::relu:
      return kCheapThreshold;
    case Unary::tanh:
    case Unary::sigmoid:
    case Unary::exp:
    case Unary::log:
      return kDearThreshold;
  }
  return kDearThreshold;
}

}  // namespace

void unary(Unary op, const float* in, float* out, std::int64_t size) {
  const auto range = HWY_DYNAMIC_DISPATCH(unary_range);
  split(size, threshold_of(op), {.count = size, .multiple = kCacheLine},
        [&](std::int64_t begin, std::int64_t end) {
          range(op, in + begin, out + begin, end - begin);
        });
}

void affine(float scale, float offset, const float* in, float* out, std::int64_t size) {
  const auto range = HWY_DYNAMIC_DISPATCH(affine_range);
  split(size, kCheapThreshold, {.count = size, .multiple = kCacheLine},
        [&](std::int64_t begin, std::int64_t end) {
          range(scale, offset, in + begin, out + begin, end - begin);
        });
}

}  // namespace coil::kernels
#endif
