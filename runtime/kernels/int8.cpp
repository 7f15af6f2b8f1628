#include "runtime/kernels/int8.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/int8.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

using Int8Tag = hn::Rebind<std::int8_t, FloatTag>;

// NaN gives zero.
HWY_INLINE hn::Vec<Int8Tag> nearest(FloatVector x, FloatVector scale) {
  const FloatTag tag;
  const auto quotient = hn::Div(x, scale);
  const auto number = hn::IfThenZeroElse(hn::IsNaN(quotient), quotient);
  const auto largest = hn::Set(tag, 127.0f);
  return hn::DemoteTo(Int8Tag(),
                      hn::NearestInt(hn::Min(hn::Max(number, hn::Neg(largest)), largest)));
}

HWY_INLINE void store_first_int8(hn::Vec<Int8Tag> value, std::int8_t* to, std::int64_t count) {
  HWY_ALIGN std::int8_t copy[hn::MaxLanes(FloatTag())];
  hn::Store(value, Int8Tag(), copy);
  std::copy_n(copy, count, to);
}

bool to_int8_range(const float* in, std::int8_t* out, std::int64_t size, float one) {
  const FloatTag tag;
  const auto scale = hn::Set(tag, one);
  auto no_number = hn::FirstN(tag, 0);
  std::int64_t i = 0;
  for (; i + lanes() <= size; i += lanes()) {
    const auto x = hn::LoadU(tag, in + i);
    no_number = hn::Or(no_number, hn::IsNaN(x));
    hn::StoreU(nearest(x, scale), Int8Tag(), out + i);
  }
  if (i < size) {
    const auto x = load_first(in + i, size - i);
    no_number = hn::Or(no_number, hn::IsNaN(x));
    store_first_int8(nearest(x, scale), out + i, size - i);
  }
  return hn::AllFalse(tag, no_number);
}

void to_int8_row(const float* in, const float* scales, std::int8_t* out, std::int64_t size) {
  const FloatTag tag;
  std::int64_t i = 0;
  for (; i + lanes() <= size; i += lanes())
    hn::StoreU(nearest(hn::LoadU(tag, in + i), hn::LoadU(tag, scales + i)), Int8Tag(), out + i);
  if (i == size) return;
  const std::int64_t rest = size - i;
  store_first_int8(nearest(load_first(in + i, rest), load_first(scales + i, rest, 1.0f)), out + i,
                   rest);
}

void widen_int8_range(const std::int8_t* in, float* out, std::int64_t size) {
  const FloatTag tag;
  const hn::RebindToSigned<FloatTag> whole;
  std::int64_t i = 0;
  for (; i + lanes() <= size; i += lanes())
    hn::StoreU(hn::ConvertTo(tag, hn::PromoteTo(whole, hn::LoadU(Int8Tag(), in + i))), tag,
               out + i);
  for (; i < size; ++i) out[i] = in[i];
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kInt8Threshold = 98304;  // 10 us at 0.1 ns
constexpr std::int64_t kInt8Line = 64;          // of a cache line
constexpr float kSmallestNormal = 0x1p-126f;

HWY_EXPORT(to_int8_range);
HWY_EXPORT(to_int8_row);
HWY_EXPORT(widen_int8_range);

}  // namespace

bool to_int8(const float* in, std::int8_t* out, std::int64_t size, float scale) {
  const auto range = HWY_DYNAMIC_DISPATCH(to_int8_range);
  std::atomic<bool> are_numbers = true;
  split(size, kInt8Threshold, {.count = size, .multiple = kInt8Line},
        [&](std::int64_t begin, std::int64_t end) {
          if (!range(in + begin, out + begin, end - begin, scale)) are_numbers = false;
        });
  return are_numbers;
}

void to_int8_columns(const float* in, const float* scales, std::int8_t* out, Extent extent) {
  const auto row = HWY_DYNAMIC_DISPATCH(to_int8_row);
  for (std::int64_t r = 0; r < extent.rows; ++r)
    row(in + r * extent.columns, scales, out + r * extent.columns, extent.columns);
}

void column_scales(const float* in, float* scales, Extent extent) {
  std::fill_n(scales, extent.columns, 0.0f);
  for (std::int64_t r = 0; r < extent.rows; ++r)
    for (std::int64_t c = 0; c < extent.columns; ++c) {
      const float magnitude = std::abs(in[r * extent.columns + c]);
      scales[c] = magnitude <= scales[c] || std::isnan(scales[c]) ? scales[c] : magnitude;
    }
  for (std::int64_t c = 0; c < extent.columns; ++c) {
    scales[c] /= 127.0f;
    if (scales[c] < kSmallestNormal) scales[c] = 1;
  }
}

void widen_int8(const std::int8_t* in, float* out, std::int64_t size) {
  const auto range = HWY_DYNAMIC_DISPATCH(widen_int8_range);
  split(size, kInt8Threshold, {.count = size, .multiple = kInt8Line},
        [&](std::int64_t begin, std::int64_t end) { range(in + begin, out + begin, end - begin); });
}

}  // namespace coil::kernels
#endif
