// Turning four columns at a time, compiled once per instruction set: include after foreach_target.h.
#if defined(COIL_RUNTIME_KERNELS_TURN_LINES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef COIL_RUNTIME_KERNELS_TURN_LINES_INL_HPP
#undef COIL_RUNTIME_KERNELS_TURN_LINES_INL_HPP
#else
#define COIL_RUNTIME_KERNELS_TURN_LINES_INL_HPP
#endif

#include "runtime/kernels/column_blocks.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {

// What a column has in lanes() lines.
using LineTag = hn::RebindToUnsigned<FloatTag>;
using LineVector = hn::Vec<LineTag>;

// Blocks of four lanes, each to a line, four lines after that of the block before.
template <typename Tag>
HWY_INLINE void store_blocks(Tag tag, hn::Vec<Tag> values, std::uint32_t* out) {
  if constexpr (hn::MaxLanes(tag) == 4) {
    hn::StoreU(values, tag, out);
  } else {
    const hn::Half<Tag> half;
    constexpr auto blocks = static_cast<std::int64_t>(hn::MaxLanes(half)) / 4;
    store_blocks(half, hn::LowerHalf(half, values), out);
    store_blocks(half, hn::UpperHalf(half, values), out + blocks * 4 * block_columns);
  }
}

// lanes() lines of four columns.
HWY_INLINE void turn_four(LineVector a, LineVector b, LineVector c, LineVector d,
                          std::uint32_t* out) {
  const LineTag tag;
  const hn::Repartition<std::uint64_t, LineTag> wide;
  const auto ab = hn::BitCast(wide, hn::InterleaveLower(tag, a, b));
  const auto cd = hn::BitCast(wide, hn::InterleaveLower(tag, c, d));
  const auto upper_ab = hn::BitCast(wide, hn::InterleaveUpper(tag, a, b));
  const auto upper_cd = hn::BitCast(wide, hn::InterleaveUpper(tag, c, d));
  const auto store = [&](auto values, std::int64_t line) HWY_ATTR {
    store_blocks(tag, hn::BitCast(tag, values), out + line * block_columns);
  };
  store(hn::InterleaveLower(wide, ab, cd), 0);
  store(hn::InterleaveUpper(wide, ab, cd), 1);
  store(hn::InterleaveLower(wide, upper_ab, upper_cd), 2);
  store(hn::InterleaveUpper(wide, upper_ab, upper_cd), 3);
}

}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
