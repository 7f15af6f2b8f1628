#include "runtime/kernels/lay_rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/lay_rows.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/turn_lines-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

// Columns that lie `rows` apart.
void turn_floats(const float* in, std::int64_t rows, const Tile& to) {
  auto* out = static_cast<std::uint32_t*>(to.out);
  const auto load = [](const float* from)
                        HWY_ATTR { return hn::BitCast(LineTag(), hn::LoadU(FloatTag(), from)); };
  std::int64_t c = 0;
  for (; to.rows == tile_lines && c + 4 <= to.columns; c += 4)
    for (std::int64_t r = 0; r < tile_lines; r += lanes()) {
      const float* from = in + c * rows + r;
      turn_four(load(from), load(from + rows), load(from + 2 * rows), load(from + 3 * rows),
                out + r * block_columns + c);
    }
  for (; c < to.columns; ++c)
    for (std::int64_t r = 0; r < to.rows; ++r)
      static_cast<float*>(to.out)[r * block_columns + c] = in[c * rows + r];
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

using FloatBlocks = ColumnBlocks<1>;

HWY_EXPORT(turn_floats);

void copy_tile(const float* in, std::int64_t columns, const Tile& to) {
  for (std::int64_t r = 0; r < to.rows; ++r)
    std::memcpy(static_cast<float*>(to.out) + r * block_columns,
                in + (to.row + r) * columns + to.column,
                static_cast<std::size_t>(to.columns) * sizeof(float));
}

}  // namespace

void lay_both(const float* in, float* rows, float* columns, Extent extent) {
  const auto turn = HWY_DYNAMIC_DISPATCH(turn_floats);
  const Extent turned{extent.columns, extent.rows};
  fill_both(
      FloatBlocks{extent, rows}, FloatBlocks{turned, columns},
      [&](const Tile& to) { copy_tile(in, extent.columns, to); },
      [&](const Tile& to) { turn(in + to.column * turned.rows + to.row, turned.rows, to); });
}

}  // namespace coil::kernels
#endif
