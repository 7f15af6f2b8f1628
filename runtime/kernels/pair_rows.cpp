#include "runtime/kernels/pair_rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/pair_rows.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/rounding-inl.hpp"
#include "runtime/kernels/turn_lines-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

// Elements in the lower half of each lane.
HWY_INLINE LineVector halves(const Bf16* in) {
  return hn::PromoteTo(LineTag(), hn::LoadU(HalfTag(), in));
}
HWY_INLINE LineVector halves(const float* in) {
  return hn::PromoteTo(LineTag(), rounded(hn::LoadU(FloatTag(), in)));
}

// Neighbours, two in a lane.
HWY_INLINE LineVector neighbours(const Bf16* in) {
  return hn::LoadU(LineTag(), reinterpret_cast<const std::uint32_t*>(in));
}
HWY_INLINE LineVector neighbours(const float* in) {
  const LineTag tag;
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

// A line of two rows, or of one and zeros.
template <typename T>
HWY_INLINE void zip(const T* first, const T* second, Bf16* out, std::int64_t columns) {
  auto* line = reinterpret_cast<std::uint32_t*>(out);
  std::int64_t c = 0;
  for (; c + lanes() <= columns; c += lanes()) {
    auto both = halves(first + c);
    if (second) both = hn::Or(both, hn::ShiftLeft<16>(halves(second + c)));
    hn::StoreU(both, LineTag(), line + c);
  }
  if (c == columns) return;
  Bf16 strips[2][block_columns] = {};
  const Bf16* one = as_bf16(first + c, strips[0], columns - c);
  const Bf16* other = second ? as_bf16(second + c, strips[1], columns - c) : strips[1];
  for (std::int64_t i = 0; c < columns; ++c, ++i) {
    out[2 * c] = one[i];
    out[2 * c + 1] = other[i];
  }
}

// Rows of a matrix of so many columns.
template <typename T>
HWY_INLINE void zip_tile(const T* in, std::int64_t columns, const Tile& to) {
  for (std::int64_t r = 0; r < to.rows; r += 2) {
    const T* first = in + r * columns;
    zip(first, r + 1 < to.rows ? first + columns : nullptr,
        static_cast<Bf16*>(to.out) + r * block_columns, to.columns);
  }
}

// Columns that lie `rows` apart.
template <typename T>
HWY_INLINE void turn_tile(const T* in, std::int64_t rows, const Tile& to) {
  std::int64_t c = 0;
  for (; to.rows == 2 * tile_lines && c + 4 <= to.columns; c += 4)
    for (std::int64_t line = 0; line < tile_lines; line += lanes()) {
      const T* from = in + c * rows + 2 * line;
      turn_four(neighbours(from), neighbours(from + rows), neighbours(from + 2 * rows),
                neighbours(from + 3 * rows),
                static_cast<std::uint32_t*>(to.out) + line * block_columns + c);
    }
  auto* out = static_cast<Bf16*>(to.out);
  for (; c < to.columns; ++c) {
    Bf16 strip[2 * tile_lines];
    const Bf16* from = as_bf16(in + c * rows, strip, to.rows);
    for (std::int64_t r = 0; r < to.rows; ++r)
      out[(r / 2 * block_columns + c) * 2 + r % 2] = from[r];
  }
}

void zip_bf16(const Bf16* in, std::int64_t columns, const Tile& to) { zip_tile(in, columns, to); }
void zip_reals(const float* in, std::int64_t columns, const Tile& to) { zip_tile(in, columns, to); }
void turn_bf16(const Bf16* in, std::int64_t rows, const Tile& to) { turn_tile(in, rows, to); }
void turn_reals(const float* in, std::int64_t rows, const Tile& to) { turn_tile(in, rows, to); }

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

using PairBlocks = ColumnBlocks<2>;

HWY_EXPORT(zip_bf16);
HWY_EXPORT(zip_reals);
HWY_EXPORT(turn_bf16);
HWY_EXPORT(turn_reals);

// What fills a tile: from a matrix of so many columns, or from one that lies transposed, of so many rows.
template <typename T, typename Zip>
auto zipping(const Zip& zip, const T* in, std::int64_t columns) {
  return [=](const Tile& to) { zip(in + to.row * columns + to.column, columns, to); };
}
template <typename T, typename Turn>
auto turning(const Turn& turn, const T* in, std::int64_t rows) {
  return [=](const Tile& to) { turn(in + to.column * rows + to.row, rows, to); };
}

}  // namespace

void pair_rows(const Bf16* in, Bf16* out, Extent extent) {
  PairBlocks{extent, out}.fill(zipping(HWY_DYNAMIC_DISPATCH(zip_bf16), in, extent.columns));
}
void pair_columns(const Bf16* in, Bf16* out, Extent extent) {
  PairBlocks{extent, out}.fill(turning(HWY_DYNAMIC_DISPATCH(turn_bf16), in, extent.rows));
}

void pair_both(const float* in, Bf16* rows, Bf16* columns, Extent extent) {
  const Extent turned{extent.columns, extent.rows};
  fill_both(PairBlocks{extent, rows}, PairBlocks{turned, columns},
            zipping(HWY_DYNAMIC_DISPATCH(zip_reals), in, extent.columns),
            turning(HWY_DYNAMIC_DISPATCH(turn_reals), in, turned.rows));
}

}  // namespace coil::kernels
#endif
