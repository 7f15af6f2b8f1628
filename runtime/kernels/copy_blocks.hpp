#pragma once

#include <cstdint>
#include <span>

namespace coil::kernels {

// A part of an array: in each row `run` elements of four bytes, the rows `from_stride` elements apart where
// they are read and `to_stride` where they are written.
struct Block {
  const void* from = nullptr;
  void* to = nullptr;
  std::int64_t run = 0;
  std::int64_t from_stride = 0;
  std::int64_t to_stride = 0;
};

// Copies the rows [0, rows) of every block; blocks and what they are read from overlap nowhere. Bits are
// copied: a NaN arrives as it was.
void copy_blocks(std::span<const Block> blocks, std::int64_t rows);

}  // namespace coil::kernels
