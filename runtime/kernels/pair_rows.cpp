#include "runtime/kernels/pair_rows.hpp"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/pair_rows.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

// Columns of two rows, side by side: out[2 c] = first[c], out[2 c + 1] = second[c].
void zip_range(const Bf16* first, const Bf16* second, Bf16* out, std::int64_t columns) {
  const hn::RebindToUnsigned<FloatTag> tag;
  const hn::Rebind<Bf16, FloatTag> half;
  auto* pairs = reinterpret_cast<std::uint32_t*>(out);
  std::int64_t c = 0;
  for (; c + lanes() <= columns; c += lanes()) {
    const auto lower = hn::PromoteTo(tag, hn::LoadU(half, first + c));
    const auto upper = hn::PromoteTo(tag, hn::LoadU(half, second + c));
    hn::StoreU(hn::Or(lower, hn::ShiftLeft<16>(upper)), tag, pairs + c);
  }
  for (; c < columns; ++c) {
    out[2 * c] = first[c];
    out[2 * c + 1] = second[c];
  }
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kPairColumns = 64;
constexpr std::int64_t kPairTile = 16;          // pairs of rows, and columns
constexpr std::int64_t kPairThreshold = 65536;  // 10 us at 0.15 ns

HWY_EXPORT(zip_range);

std::int64_t pairs_of(Extent extent) { return (extent.rows + 31) / 32 * 16; }

// Pair number `pair` of a block of columns.
struct Target {
  std::int64_t pair, column, columns;
  Bf16* out;
};

// Runs `work` on every pair of rows of every block of columns, those of whole tiles together on one thread.
template <typename Work>
void for_each_pair(Bf16* out, Extent extent, const Work& work) {
  const std::int64_t pairs = pairs_of(extent);
  const std::int64_t blocks = (extent.columns + kPairColumns - 1) / kPairColumns;
  split(extent.size(), kPairThreshold, {.count = blocks * pairs, .multiple = kPairTile},
        [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; i += kPairTile) {
            const std::int64_t column = i / pairs * kPairColumns;
            work(Target{i % pairs, column, std::min(kPairColumns, extent.columns - column),
                        out + i * 2 * kPairColumns});
          }
        });
}

// Zeros where a tile is not whole.
void clear_edge(const Target& to, Extent extent) {
  if (to.columns == kPairColumns && 2 * (to.pair + kPairTile) <= extent.rows) return;
  std::memset(to.out, 0, static_cast<std::size_t>(kPairTile * 2 * kPairColumns) * sizeof(Bf16));
}

// A tile of pairs, from rows that lie transposed.
void turn_pairs(const Bf16* in, const Target& to, std::int64_t rows) {
  const std::int64_t whole = std::min(kPairTile, rows / 2 - to.pair);
  for (std::int64_t c = 0; c < to.columns; ++c) {
    const Bf16* from = in + (to.column + c) * rows + 2 * to.pair;
    Bf16* out = to.out + 2 * c;
    for (std::int64_t p = 0; p < whole; ++p)
      std::memcpy(out + p * 2 * kPairColumns, from + 2 * p, 2 * sizeof(Bf16));
  }
}

}  // namespace

void pair_rows(const Bf16* in, Bf16* out, Extent extent) {
  const auto zip = HWY_DYNAMIC_DISPATCH(zip_range);
  static constexpr Bf16 zeros[kPairColumns] = {};
  for_each_pair(out, extent, [&](const Target& to) {
    clear_edge(to, extent);
    for (std::int64_t p = 0; p < kPairTile; ++p) {
      const std::int64_t row = 2 * (to.pair + p);
      if (row >= extent.rows) break;
      const Bf16* first = in + row * extent.columns + to.column;
      const Bf16* second = row + 1 < extent.rows ? first + extent.columns : zeros;
      zip(first, second, to.out + p * 2 * kPairColumns, to.columns);
    }
  });
}

void pair_columns(const Bf16* in, Bf16* out, Extent extent) {
  for_each_pair(out, extent, [&](const Target& to) {
    clear_edge(to, extent);
    turn_pairs(in, to, extent.rows);
    const std::int64_t last = extent.rows / 2 - to.pair;  // of an odd number of rows, alone
    if (extent.rows % 2 == 0 || last < 0 || last >= kPairTile) return;
    for (std::int64_t c = 0; c < to.columns; ++c)
      to.out[last * 2 * kPairColumns + 2 * c] = in[(to.column + c + 1) * extent.rows - 1];
  });
}

}  // namespace coil::kernels
#endif
