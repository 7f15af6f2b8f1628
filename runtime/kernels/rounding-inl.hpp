// Rounding to bf16, compiled once per instruction set: include after foreach_target.h.
#if defined(COIL_RUNTIME_KERNELS_ROUNDING_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef COIL_RUNTIME_KERNELS_ROUNDING_INL_HPP
#undef COIL_RUNTIME_KERNELS_ROUNDING_INL_HPP
#else
#define COIL_RUNTIME_KERNELS_ROUNDING_INL_HPP
#endif

#include "runtime/kernels/bf16.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {

using HalfTag = hn::Rebind<std::uint16_t, FloatTag>;

// By whole numbers: instructions for this flush denormals, and few machines have them.
HWY_INLINE hn::Vec<HalfTag> rounded(FloatVector x) {
  const hn::RebindToUnsigned<FloatTag> tag;
  const auto bits = hn::BitCast(tag, x);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(tag, 1));
  const auto nearest = hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(tag, 0x7fff))));
  // Adding could carry a NaN's bits into the sign, and cutting could leave an infinity.
  const auto quiet = hn::Or(hn::ShiftRight<16>(bits), hn::Set(tag, 0x40));
  const auto half = hn::IfThenElse(hn::RebindMask(tag, hn::IsNaN(x)), quiet, nearest);
  return hn::DemoteTo(HalfTag(), hn::BitCast(hn::RebindToSigned<FloatTag>(), half));
}

HWY_INLINE void round_range(const float* in, Bf16* out, std::int64_t size) {
  const FloatTag tag;
  std::int64_t i = 0;
  for (; i + lanes() <= size; i += lanes())
    hn::StoreU(rounded(hn::LoadU(tag, in + i)), HalfTag(), out + i);
  if (i == size) return;
  HWY_ALIGN Bf16 rest[hn::MaxLanes(tag)];
  hn::Store(rounded(load_first(in + i, size - i)), HalfTag(), rest);
  for (std::int64_t k = 0; i < size; ++i, ++k) out[i] = rest[k];
}

}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
