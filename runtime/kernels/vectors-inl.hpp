// Vector helpers, compiled once per instruction set: include after foreach_target.h. The guard
// below is Highway's form for such a header.
#if defined(COIL_RUNTIME_KERNELS_VECTORS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef COIL_RUNTIME_KERNELS_VECTORS_INL_HPP
#undef COIL_RUNTIME_KERNELS_VECTORS_INL_HPP
#else
#define COIL_RUNTIME_KERNELS_VECTORS_INL_HPP
#endif

#include <cstdint>
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using FloatVector = hn::Vec<FloatTag>;

HWY_INLINE std::int64_t lanes() { return static_cast<std::int64_t>(hn::Lanes(FloatTag())); }

// The first `count` < lanes() floats at `from`, the other lanes zero. Reads nothing beyond them.
HWY_INLINE FloatVector load_first(const float* from, std::int64_t count) {
  const FloatTag tag;
#if HWY_TARGET <= HWY_AVX2
  return hn::MaskedLoad(hn::FirstN(tag, static_cast<std::size_t>(count)), tag, from);
#else
  HWY_ALIGN float copy[hn::MaxLanes(tag)] = {};
  for (std::int64_t i = 0; i < count; ++i) copy[i] = from[i];
  return hn::Load(tag, copy);
#endif
}

// The same with `fill` in the other lanes.
HWY_INLINE FloatVector load_first(const float* from, std::int64_t count, float fill) {
  const FloatTag tag;
  const auto wanted = hn::FirstN(tag, static_cast<std::size_t>(count));
  return hn::IfThenElse(wanted, load_first(from, count), hn::Set(tag, fill));
}

// Writes the first `count` < lanes() lanes and nothing beyond them (another thread may own it).
HWY_INLINE void store_first(FloatVector value, float* to, std::int64_t count) {
  const FloatTag tag;
#if HWY_TARGET <= HWY_AVX2
  hn::BlendedStore(value, hn::FirstN(tag, static_cast<std::size_t>(count)), tag, to);
#else
  HWY_ALIGN float copy[hn::MaxLanes(tag)];
  hn::Store(value, tag, copy);
  for (std::int64_t i = 0; i < count; ++i) to[i] = copy[i];
#endif
}

// Whether all of many numbers are finite, told as they pass: an infinity or a NaN times zero is a NaN, which stays.
class FiniteCheck {
 public:
  HWY_INLINE FiniteCheck() : sum_(hn::Zero(FloatTag())) {}
  HWY_INLINE void see(FloatVector x) { sum_ = hn::MulAdd(x, hn::Zero(FloatTag()), sum_); }
  HWY_INLINE bool all_finite() const { return hn::AllFalse(FloatTag(), hn::IsNaN(sum_)); }

 private:
  FloatVector sum_;
};

// out[i] = op(in[i]); out may be in.
template <class Op>
HWY_INLINE void map(const float* in, float* out, std::int64_t size, Op op) {
  const FloatTag tag;
  std::int64_t i = 0;
  for (; i + lanes() <= size; i += lanes()) hn::StoreU(op(hn::LoadU(tag, in + i)), tag, out + i);
  if (i < size) store_first(op(load_first(in + i, size - i)), out + i, size - i);
}

// out[i] = op(a[i], b[i]); out may be a or b.
template <class Op>
HWY_INLINE void map(const float* a, const float* b, float* out, std::int64_t size, Op op) {
  const FloatTag tag;
  std::int64_t i = 0;
  for (; i + lanes() <= size; i += lanes()) {
    hn::StoreU(op(hn::LoadU(tag, a + i), hn::LoadU(tag, b + i)), tag, out + i);
  }
  const std::int64_t rest = size - i;
  if (rest > 0) store_first(op(load_first(a + i, rest), load_first(b + i, rest)), out + i, rest);
}

// e^y = power * (1 + rest) for -87.33 <= y <= 0: power = 2^n, n = y / ln 2 rounded, rest = e^r - 1
// with r = y - n ln 2. Highway's Exp covers more and takes twice the time. NaN gives a NaN rest.
struct Exponential {
  FloatVector power;
  FloatVector rest;
};

constexpr float kLowestExponent = -87.33654f;  // ln 2^-126: e^y is denormal below

HWY_INLINE Exponential split_exponential(FloatVector y) {
  const FloatTag tag;
  const hn::RebindToSigned<FloatTag> bits;
  // 1.5 * 2^23: adding it rounds to an integer, which then stands in the lowest bits.
  const FloatVector magic = hn::Set(tag, 12582912.0f);
  const FloatVector shifted = hn::MulAdd(y, hn::Set(tag, 1.44269504f), magic);
  const FloatVector n = hn::Sub(shifted, magic);
  FloatVector r = hn::NegMulAdd(n, hn::Set(tag, 0.693359375f), y);  // ln 2 in two parts
  r = hn::NegMulAdd(n, hn::Set(tag, -2.12194440e-4f), r);
  // (e^r - 1 - r) / r^2, interpolated at the Chebyshev nodes of |r| <= ln 2 / 2
  FloatVector fit = hn::MulAdd(r, hn::Set(tag, 0.00139261817f), hn::Set(tag, 0.008363178f));
  fit = hn::MulAdd(fit, r, hn::Set(tag, 0.0416665561f));
  fit = hn::MulAdd(fit, r, hn::Set(tag, 0.166665763f));
  fit = hn::MulAdd(fit, r, hn::Set(tag, 0.5f));
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(bits, shifted));
  const auto one = hn::Set(bits, 0x3f800000);
  return {hn::BitCast(tag, hn::Add(exponent, one)), hn::MulAdd(fit, hn::Mul(r, r), r)};
}

// e^y for y <= 0, 0 where it would be denormal, NaN where y is NaN.
HWY_INLINE FloatVector exponential_below_zero(FloatVector y) {
  const Exponential e = split_exponential(y);
  const auto too_low = hn::Lt(y, hn::Set(FloatTag(), kLowestExponent));
  return hn::IfThenZeroElse(too_low, hn::MulAdd(e.power, e.rest, e.power));
}

// e^y - 1 for y <= 0, relatively accurate near 0 too, NaN where y is NaN.
HWY_INLINE FloatVector exponential_minus_one_below_zero(FloatVector y) {
  const FloatTag tag;
  const FloatVector one = hn::Set(tag, 1.0f);
  const Exponential e = split_exponential(y);
  const FloatVector result = hn::MulAdd(e.power, e.rest, hn::Sub(e.power, one));
  return hn::IfThenElse(hn::Lt(y, hn::Set(tag, kLowestExponent)), hn::Neg(one), result);
}

HWY_INLINE float sum_of_lanes(FloatVector x) { return hn::GetLane(hn::SumOfLanes(FloatTag(), x)); }
HWY_INLINE float max_of_lanes(FloatVector x) { return hn::GetLane(hn::MaxOfLanes(FloatTag(), x)); }

}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
