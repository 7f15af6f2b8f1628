#include "runtime/kernels/bf16.hpp"

#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/bf16.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/rounding-inl.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

void widen_range(const Bf16* in, float* out, std::int64_t size) {
  const FloatTag tag;
  const hn::RebindToUnsigned<FloatTag> bits;
  std::int64_t i = 0;
  for (; i + lanes() <= size; i += lanes()) {
    const auto upper = hn::PromoteTo(bits, hn::LoadU(HalfTag(), in + i));
    hn::StoreU(hn::BitCast(tag, hn::ShiftLeft<16>(upper)), tag, out + i);
  }
  for (; i < size; ++i) out[i] = std::bit_cast<float>(std::uint32_t{in[i]} << 16);
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kBf16Threshold = 98304;  // 10 us at 0.1 ns
constexpr std::int64_t kBf16Line = 32;          // of a cache line

HWY_EXPORT(round_range);
HWY_EXPORT(widen_range);

}  // namespace

void round_to_bf16(const float* in, Bf16* out, std::int64_t size) {
  const auto range = HWY_DYNAMIC_DISPATCH(round_range);
  split(size, kBf16Threshold, {.count = size, .multiple = kBf16Line},
        [&](std::int64_t begin, std::int64_t end) { range(in + begin, out + begin, end - begin); });
}

void widen_bf16(const Bf16* in, float* out, std::int64_t size) {
  const auto range = HWY_DYNAMIC_DISPATCH(widen_range);
  split(size, kBf16Threshold, {.count = size, .multiple = kBf16Line},
        [&](std::int64_t begin, std::int64_t end) { range(in + begin, out + begin, end - begin); });
}

}  // namespace coil::kernels
#endif
