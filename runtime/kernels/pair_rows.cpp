#include "runtime/kernels/pair_rows.hpp"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/pair_rows.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/rounding-inl.hpp"
#include "runtime/kernels/vectors-inl.hpp"

#ifndef COIL_PAIR_TILE
#define COIL_PAIR_TILE
namespace coil::kernels {
namespace {

constexpr std::int64_t kPairColumns = 64;
constexpr std::int64_t kPairTile = 16;                  // pairs of rows
constexpr std::int64_t kPairStride = 2 * kPairColumns;  // from one pair of rows to the next

}  // namespace
}  // namespace coil::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

using PairTag = hn::RebindToUnsigned<FloatTag>;
using PairVector = hn::Vec<PairTag>;

// Elements in the lower half of each lane.
HWY_INLINE PairVector halves(const Bf16* in) {
  return hn::PromoteTo(PairTag(), hn::LoadU(HalfTag(), in));
}
HWY_INLINE PairVector halves(const float* in) {
  return hn::PromoteTo(PairTag(), rounded(hn::LoadU(FloatTag(), in)));
}

// Neighbours, two in a lane.
HWY_INLINE PairVector neighbours(const Bf16* in) {
  return hn::LoadU(PairTag(), reinterpret_cast<const std::uint32_t*>(in));
}
HWY_INLINE PairVector neighbours(const float* in) {
  const PairTag tag;
  const auto first = halves(in), second = halves(in + lanes());
  return hn::Or(hn::ConcatEven(tag, second, first),
                hn::ShiftLeft<16>(hn::ConcatOdd(tag, second, first)));
}

// `count` elements as bf16, in `strip` where they have to be rounded.
HWY_INLINE const Bf16* as_bf16(const Bf16* in, Bf16*, std::int64_t) { return in; }
HWY_INLINE const Bf16* as_bf16(const float* in, Bf16* strip, std::int64_t count) {
  round_range(in, strip, count);
  return strip;
}

// Columns of two rows, side by side: out[2 c] = first[c], out[2 c + 1] = second[c], or 0 without a second.
template <typename T>
HWY_INLINE void zip(const T* first, const T* second, Bf16* out, std::int64_t columns) {
  auto* pairs = reinterpret_cast<std::uint32_t*>(out);
  std::int64_t c = 0;
  for (; c + lanes() <= columns; c += lanes()) {
    auto both = halves(first + c);
    if (second) both = hn::Or(both, hn::ShiftLeft<16>(halves(second + c)));
    hn::StoreU(both, PairTag(), pairs + c);
  }
  if (c == columns) return;
  Bf16 strips[2][kPairColumns] = {};
  const Bf16* upper = as_bf16(first + c, strips[0], columns - c);
  const Bf16* lower = second ? as_bf16(second + c, strips[1], columns - c) : strips[1];
  for (std::int64_t i = 0; c < columns; ++c, ++i) {
    out[2 * c] = upper[i];
    out[2 * c + 1] = lower[i];
  }
}

// Blocks of four lanes, each to `out` of a pair of rows, four pairs after that of the block before.
template <typename Tag>
HWY_INLINE void store_blocks(Tag tag, hn::Vec<Tag> values, Bf16* out) {
  if constexpr (hn::MaxLanes(tag) == 4) {
    hn::StoreU(values, tag, reinterpret_cast<std::uint32_t*>(out));
  } else {
    const hn::Half<Tag> half;
    constexpr auto blocks = static_cast<std::int64_t>(hn::MaxLanes(half)) / 4;
    store_blocks(half, hn::LowerHalf(half, values), out);
    store_blocks(half, hn::UpperHalf(half, values), out + blocks * 4 * kPairStride);
  }
}

// lanes() pairs of four columns, which lie `rows` apart.
template <typename T>
HWY_INLINE void turn_four(const T* in, std::int64_t rows, Bf16* out) {
  const PairTag tag;
  const hn::Repartition<std::uint64_t, PairTag> wide;
  const auto a = neighbours(in), b = neighbours(in + rows);
  const auto c = neighbours(in + 2 * rows), d = neighbours(in + 3 * rows);
  const auto ab = hn::BitCast(wide, hn::InterleaveLower(tag, a, b));
  const auto cd = hn::BitCast(wide, hn::InterleaveLower(tag, c, d));
  const auto upper_ab = hn::BitCast(wide, hn::InterleaveUpper(tag, a, b));
  const auto upper_cd = hn::BitCast(wide, hn::InterleaveUpper(tag, c, d));
  const auto store = [&](auto values, std::int64_t pair) HWY_ATTR {
    store_blocks(tag, hn::BitCast(tag, values), out + pair * kPairStride);
  };
  store(hn::InterleaveLower(wide, ab, cd), 0);
  store(hn::InterleaveUpper(wide, ab, cd), 1);
  store(hn::InterleaveLower(wide, upper_ab, upper_cd), 2);
  store(hn::InterleaveUpper(wide, upper_ab, upper_cd), 3);
}

// `count` rows of a tile, from a matrix that lies transposed.
template <typename T>
HWY_INLINE void turn(const T* in, std::int64_t rows, std::int64_t count, Bf16* out,
                     std::int64_t columns) {
  std::int64_t c = 0;
  for (; count == 2 * kPairTile && c + 4 <= columns; c += 4)
    for (std::int64_t pair = 0; pair < kPairTile; pair += lanes())
      turn_four(in + c * rows + 2 * pair, rows, out + pair * kPairStride + 2 * c);
  for (; c < columns; ++c) {
    Bf16 strip[2 * kPairTile];
    const Bf16* from = as_bf16(in + c * rows, strip, count);
    for (std::int64_t r = 0; r < count; ++r) out[r / 2 * kPairStride + 2 * c + r % 2] = from[r];
  }
}

void zip_rounded(const Bf16* first, const Bf16* second, Bf16* out, std::int64_t columns) {
  zip(first, second, out, columns);
}
void zip_reals(const float* first, const float* second, Bf16* out, std::int64_t columns) {
  zip(first, second, out, columns);
}
void turn_rounded(const Bf16* in, std::int64_t rows, std::int64_t count, Bf16* out,
                  std::int64_t columns) {
  turn(in, rows, count, out, columns);
}
void turn_reals(const float* in, std::int64_t rows, std::int64_t count, Bf16* out,
                std::int64_t columns) {
  turn(in, rows, count, out, columns);
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kPairThreshold = 65536;  // 10 us at 0.15 ns

HWY_EXPORT(zip_rounded);
HWY_EXPORT(zip_reals);
HWY_EXPORT(turn_rounded);
HWY_EXPORT(turn_reals);

std::int64_t pairs_of(Extent extent) { return (extent.rows + 31) / 32 * 16; }

// A tile of pairs of rows of a block of columns: where it begins, and how much of it there is.
struct Target {
  std::int64_t row, rows, column, columns;
  Bf16* out;
};

// The tile that begins there. Where it is not whole, zeros are there already.
Target target_at(Bf16* out, Extent extent, std::int64_t row, std::int64_t column) {
  const Target to{row, std::min(2 * kPairTile, extent.rows - row), column,
                  std::min(kPairColumns, extent.columns - column),
                  out + (column / kPairColumns * pairs_of(extent) + row / 2) * kPairStride};
  const bool is_whole = to.rows == 2 * kPairTile && to.columns == kPairColumns;
  if (!is_whole) std::memset(to.out, 0, kPairTile * kPairStride * sizeof(Bf16));
  return to;
}

// A tile from a matrix of so many columns.
template <typename T, typename Zip>
void zip_tile(const Zip& zip, const T* in, std::int64_t columns, const Target& to) {
  for (std::int64_t r = 0; r < to.rows; r += 2) {
    const T* first = in + (to.row + r) * columns + to.column;
    zip(first, r + 1 < to.rows ? first + columns : nullptr, to.out + r * kPairColumns, to.columns);
  }
}

// A tile from a matrix that lies transposed, of so many rows.
template <typename T, typename Turn>
void turn_tile(const Turn& turn, const T* in, std::int64_t rows, const Target& to) {
  turn(in + to.column * rows + to.row, rows, to.rows, to.out, to.columns);
}

std::int64_t blocks_of(std::int64_t columns) { return (columns + kPairColumns - 1) / kPairColumns; }

// Runs `work` on every tile, each on one thread.
template <typename Work>
void for_each_tile(Bf16* out, Extent extent, const Work& work) {
  const std::int64_t tiles = pairs_of(extent) / kPairTile;
  split(extent.size(), kPairThreshold, {.count = blocks_of(extent.columns) * tiles},
        [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i)
            work(target_at(out, extent, i % tiles * 2 * kPairTile, i / tiles * kPairColumns));
        });
}

template <typename T, typename Zip>
void pair_rows_by(const Zip& zip, const T* in, Bf16* out, Extent extent) {
  for_each_tile(out, extent, [&](const Target& to) { zip_tile(zip, in, extent.columns, to); });
}

template <typename T, typename Turn>
void pair_columns_by(const Turn& turn, const T* in, Bf16* out, Extent extent) {
  for_each_tile(out, extent, [&](const Target& to) { turn_tile(turn, in, extent.rows, to); });
}

}  // namespace

void pair_rows(const Bf16* in, Bf16* out, Extent extent) {
  pair_rows_by(HWY_DYNAMIC_DISPATCH(zip_rounded), in, out, extent);
}
void pair_rows(const float* in, Bf16* out, Extent extent) {
  pair_rows_by(HWY_DYNAMIC_DISPATCH(zip_reals), in, out, extent);
}
void pair_columns(const Bf16* in, Bf16* out, Extent extent) {
  pair_columns_by(HWY_DYNAMIC_DISPATCH(turn_rounded), in, out, extent);
}
void pair_columns(const float* in, Bf16* out, Extent extent) {
  pair_columns_by(HWY_DYNAMIC_DISPATCH(turn_reals), in, out, extent);
}

// By squares of two tiles each way, which stay in the first-level cache.
void pair_both(const float* in, Bf16* rows, Bf16* columns, Extent extent) {
  const auto zip = HWY_DYNAMIC_DISPATCH(zip_reals);
  const auto turn = HWY_DYNAMIC_DISPATCH(turn_reals);
  const Extent turned{extent.columns, extent.rows};
  const std::int64_t across = blocks_of(extent.columns), down = blocks_of(extent.rows);
  split(extent.size(), kPairThreshold, {.count = across * down},
        [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t row = i / across * kPairColumns, column = i % across * kPairColumns;
            for (std::int64_t r = row; r < std::min(row + kPairColumns, extent.rows);
                 r += 2 * kPairTile)
              zip_tile(zip, in, extent.columns, target_at(rows, extent, r, column));
            for (std::int64_t c = column; c < std::min(column + kPairColumns, extent.columns);
                 c += 2 * kPairTile)
              turn_tile(turn, in, turned.rows, target_at(columns, turned, c, row));
          }
        });
}

}  // namespace coil::kernels
#endif
