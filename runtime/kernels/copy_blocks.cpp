#include "runtime/kernels/copy_blocks.hpp"

#include <cstddef>
#include <cstring>

#include "runtime/kernels/parallel.hpp"

namespace coil::kernels {
namespace {

constexpr std::int64_t kElementBytes = 4;
constexpr std::int64_t kCopyThreshold = 131072;  // as gather_rows, which copies rows too

void copy_part(const Block& block, std::int64_t row, std::int64_t begin, std::int64_t end) {
  const auto* from = static_cast<const std::byte*>(block.from);
  auto* to = static_cast<std::byte*>(block.to);
  std::memcpy(to + (row * block.to_stride + begin) * kElementBytes,
              from + (row * block.from_stride + begin) * kElementBytes,
              static_cast<std::size_t>((end - begin) * kElementBytes));
}

// One run of memory, cut between threads.
void copy_one(const Block& block, std::int64_t size) {
  split(size, kCopyThreshold, {.count = size, .multiple = 16},
        [&](std::int64_t begin, std::int64_t end) { copy_part(block, 0, begin, end); });
}

}  // namespace

void copy_blocks(std::span<const Block> blocks, std::int64_t rows) {
  if (blocks.size() == 1) {
    const Block& block = blocks[0];
    const bool is_one = block.from_stride == block.run && block.to_stride == block.run;
    if (is_one || rows == 1) return copy_one(block, rows * block.run);
  }
  std::int64_t elements = 0;
  for (const Block& block : blocks) elements += rows * block.run;
  const std::int64_t parts = std::ssize(blocks);
  // Row by row, so that what lies together is written together.
  split(elements, kCopyThreshold, {.count = rows * parts},
        [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i) {
            const Block& block = blocks[static_cast<std::size_t>(i % parts)];
            copy_part(block, i / parts, 0, block.run);
          }
        });
}

}  // namespace coil::kernels
