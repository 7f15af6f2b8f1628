// Element-wise functions of vectors, compiled once per instruction set: include after foreach_target.h. The guard
// below is Highway's form for such a header.
#if defined(COIL_RUNTIME_KERNELS_FUNCTIONS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef COIL_RUNTIME_KERNELS_FUNCTIONS_INL_HPP
#undef COIL_RUNTIME_KERNELS_FUNCTIONS_INL_HPP
#else
#define COIL_RUNTIME_KERNELS_FUNCTIONS_INL_HPP
#endif

#include <limits>

#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {

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

struct Negate {
  HWY_INLINE FloatVector operator()(FloatVector x) const { return hn::Neg(x); }
};

struct Copy {
  HWY_INLINE FloatVector operator()(FloatVector x) const { return x; }
};

struct Add {
  HWY_INLINE FloatVector operator()(FloatVector a, FloatVector b) const { return hn::Add(a, b); }
};
struct Subtract {
  HWY_INLINE FloatVector operator()(FloatVector a, FloatVector b) const { return hn::Sub(a, b); }
};
struct Multiply {
  HWY_INLINE FloatVector operator()(FloatVector a, FloatVector b) const { return hn::Mul(a, b); }
};
struct Divide {
  HWY_INLINE FloatVector operator()(FloatVector a, FloatVector b) const { return hn::Div(a, b); }
};

// Gradients are told from dy, that of the result, and y, the result.

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

}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
