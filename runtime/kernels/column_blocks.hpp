#pragma once

// How the right side of a product lies for processors: in blocks of 64 columns, each line by line. A line is four bytes a
// column, a row of floats or two rows of bf16 side by side, and there are zeros for columns up to 64 and lines up to a
// multiple of 16. Tiles of 16 lines are what one thread fills at a time.

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "runtime/kernels/matrix.hpp"
#include "runtime/kernels/parallel.hpp"

namespace coil::kernels {

inline constexpr std::int64_t block_columns = 64;
inline constexpr std::int64_t tile_lines = 16;
inline constexpr std::int64_t line_bytes = 4 * block_columns;

// Where a tile begins in the matrix, how much of it there is, and where it goes.
struct Tile {
  std::int64_t row, rows, column, columns;
  void* out;
};

// A matrix in such blocks, with so many rows a line.
template <std::int64_t rows_a_line>
struct ColumnBlocks {
  static constexpr std::int64_t tile_rows = tile_lines * rows_a_line;

  Extent extent;
  void* out;

  std::int64_t tiles() const { return (extent.rows + tile_rows - 1) / tile_rows; }  // of a block
  std::int64_t blocks() const { return (extent.columns + block_columns - 1) / block_columns; }

  // The tile that begins there. Where it is not whole, zeros are there already.
  Tile at(std::int64_t row, std::int64_t column) const {
    const std::int64_t lines = column / block_columns * tiles() * tile_lines + row / rows_a_line;
    const Tile tile{row, std::min(tile_rows, extent.rows - row), column,
                    std::min(block_columns, extent.columns - column),
                    static_cast<std::byte*>(out) + lines * line_bytes};
    const bool is_whole = tile.rows == tile_rows && tile.columns == block_columns;
    if (!is_whole) std::memset(tile.out, 0, tile_lines * line_bytes);
    return tile;
  }

  // Elements that a thread lays in about 10 us, at 0.15 ns each.
  static constexpr std::int64_t threshold = 65536;

  // Calls fill(tile) for each.
  template <typename Fill>
  void fill(const Fill& fill) const {
    const std::int64_t each = tiles();
    split(extent.size(), threshold, {.count = blocks() * each},
          [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
              fill(at(i % each * tile_rows, i / each * block_columns));
          });
  }
};

// A matrix in blocks, its transpose, or both; what has no place to go is not wanted. Both are from one reading: by
// squares of 64, which stay in the first-level cache.
template <std::int64_t rows_a_line, typename Fill, typename FillTurned>
void fill_both(ColumnBlocks<rows_a_line> blocks, ColumnBlocks<rows_a_line> turned, const Fill& fill,
               const FillTurned& fill_turned) {
  if (!turned.out) return blocks.out ? blocks.fill(fill) : void();
  if (!blocks.out) return turned.fill(fill_turned);
  constexpr std::int64_t side = block_columns, step = ColumnBlocks<rows_a_line>::tile_rows;
  const Extent extent = blocks.extent;
  const std::int64_t across = blocks.blocks();
  split(extent.size(), blocks.threshold, {.count = across * turned.blocks()},
        [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t row = i / across * side, column = i % across * side;
            for (std::int64_t r = row; r < std::min(row + side, extent.rows); r += step)
              fill(blocks.at(r, column));
            for (std::int64_t c = column; c < std::min(column + side, extent.columns); c += step)
              fill_turned(turned.at(c, row));
          }
        });
}

}  // namespace coil::kernels
