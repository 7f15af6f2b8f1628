#include "runtime/kernels/unary.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/unary.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

HWY_INLINE FloatVector constant(float value) { return hn::Set(FloatTag(), value); }

// tanh |x| = -u / (2 + u) with u = e^(-2 |x|) - 1; then the sign of x.
struct Tanh {
  HWY_INLINE FloatVector operator()(FloatVector x) const {
    const FloatVector size = hn::Abs(x);
    const FloatVector u = exponential_minus_one_below_zero(hn::Mul(constant(-2.0f), size));
    return hn::CopySign(hn::Div(u, hn::Add(u, constant(2.0f))), x);
  }
};

// e^-|x| cannot overflow, and both branches keep their relative accuracy:
// 1 / (1 + e^-x) for x >= 0, e^x / (1 + e^x) for x < 0.
struct Sigmoid {
  HWY_INLINE FloatVector operator()(FloatVector x) const {
    const FloatVector one = constant(1.0f);
    const FloatVector e = exponential_below_zero(hn::Neg(hn::Abs(x)));
    const FloatVector top = hn::IfThenElse(hn::Lt(x, constant(0.0f)), e, one);
    return hn::Div(top, hn::Add(one, e));
  }
};

// Comparisons with NaN are false, so it passes through both selections.
struct HardSigmoid {
  HWY_INLINE FloatVector operator()(FloatVector x) const {
    const FloatVector one = constant(1.0f);
    const FloatVector y = hn::MulAdd(constant(0.2f), x, constant(0.5f));
    const FloatVector capped = hn::IfThenElse(hn::Gt(y, one), one, y);
    return hn::IfThenZeroElse(hn::Lt(y, constant(0.0f)), capped);
  }
};

struct Relu {
  HWY_INLINE FloatVector operator()(FloatVector x) const {
    return hn::IfThenZeroElse(hn::Le(x, constant(0.0f)), x);
  }
};

// Highway's Exp gives 0 for NaN and garbage above 104.
struct Exp {
  HWY_INLINE FloatVector operator()(FloatVector x) const {
    const FloatVector result = hn::Exp(FloatTag(), hn::Min(x, constant(104.0f)));
    return hn::IfThenElse(hn::IsNaN(x), x, result);
  }
};

// Highway's Log holds for positive finite numbers.
struct Log {
  HWY_INLINE FloatVector operator()(FloatVector x) const {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const FloatVector zero = constant(0.0f);
    const FloatVector infinity = constant(kInfinity);
    const FloatVector inside = hn::Log(FloatTag(), x);
    const auto is_inside = hn::And(hn::Gt(x, zero), hn::Lt(x, infinity));
    const FloatVector ends = hn::IfThenElse(hn::Eq(x, zero), constant(-kInfinity), x);
    const auto has_none = hn::Lt(x, zero);
    const FloatVector nan = constant(std::numeric_limits<float>::quiet_NaN());
    return hn::IfThenElse(is_inside, inside, hn::IfThenElse(has_none, nan, ends));
  }
};

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
