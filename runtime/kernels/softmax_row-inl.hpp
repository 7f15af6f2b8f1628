// What softmax and cross-entropy share, compiled once per instruction set: include after
// foreach_target.h.
#if defined(COIL_RUNTIME_KERNELS_SOFTMAX_ROW_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef COIL_RUNTIME_KERNELS_SOFTMAX_ROW_INL_HPP
#undef COIL_RUNTIME_KERNELS_SOFTMAX_ROW_INL_HPP
#else
#define COIL_RUNTIME_KERNELS_SOFTMAX_ROW_INL_HPP
#endif

#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {

// The largest of the row; any value where the row holds a NaN (exponential_row finds that NaN).
HWY_INLINE float row_maximum(const float* row, std::int64_t width) {
  const FloatTag tag;
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  FloatVector largest = hn::Set(tag, kLowest);
  std::int64_t i = 0;
  for (; i + lanes() <= width; i += lanes()) largest = hn::Max(largest, hn::LoadU(tag, row + i));
  if (i < width) largest = hn::Max(largest, load_first(row + i, width - i, kLowest));
  return max_of_lanes(largest);
}

// Sums e^(x - maximum) in two parts, because e^0 = 1 would swallow the small terms: the lanes that
// are the maximum are counted, the others added.
class ExponentialSum {
 public:
  explicit HWY_INLINE ExponentialSum(float maximum)
      : maximum_(hn::Set(FloatTag(), maximum)),
        small_(hn::Zero(FloatTag())),
        largest_(hn::Zero(FloatTag())) {}

  HWY_INLINE FloatVector add(FloatVector x) {
    const FloatVector below = hn::Sub(x, maximum_);
    const FloatVector e = exponential_below_zero(below);
    const auto is_maximum = hn::Eq(below, hn::Zero(FloatTag()));
    small_ = hn::Add(small_, hn::IfThenZeroElse(is_maximum, e));
    largest_ = hn::Add(largest_, hn::IfThenElseZero(is_maximum, hn::Set(FloatTag(), 1.0f)));
    return e;
  }

  // The sum without one of the largest terms: the whole is 1 + others().
  HWY_INLINE float others() const { return sum_of_lanes(small_) + (sum_of_lanes(largest_) - 1.0f); }

 private:
  FloatVector maximum_;
  FloatVector small_;
  FloatVector largest_;
};

// What becomes of the exponentials.
struct KeepNothing {
  HWY_INLINE void all(FloatVector, std::int64_t) const {}
  HWY_INLINE void first(FloatVector, std::int64_t, std::int64_t) const {}
};
struct KeepIn {
  float* row;
  HWY_INLINE void all(FloatVector e, std::int64_t i) const { hn::StoreU(e, FloatTag(), row + i); }
  HWY_INLINE void first(FloatVector e, std::int64_t i, std::int64_t count) const {
    store_first(e, row + i, count);
  }
};

// Hands e^(row - maximum) to `keep` and returns the sum of all of them but one of the largest. NaN
// where the row holds NaN, +inf, or -inf only.
template <class Keep>
HWY_INLINE float exponential_row(const float* row, std::int64_t width, float maximum, Keep keep) {
  const FloatTag tag;
  ExponentialSum sum(maximum);
  std::int64_t i = 0;
  for (; i + lanes() <= width; i += lanes()) keep.all(sum.add(hn::LoadU(tag, row + i)), i);
  if (i < width) {
    constexpr float kNoTerm = -std::numeric_limits<float>::infinity();
    keep.first(sum.add(load_first(row + i, width - i, kNoTerm)), i, width - i);
  }
  return sum.others();
}

struct ScaledBy {
  FloatVector factor;
  HWY_INLINE FloatVector operator()(FloatVector x) const { return hn::Mul(x, factor); }
};

HWY_INLINE void scale_row(float* row, std::int64_t width, float factor) {
  map(row, row, width, ScaledBy{hn::Set(FloatTag(), factor)});
}

}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
