#include "runtime/kernels/transpose.hpp"

#include "runtime/kernels/parallel.hpp"

namespace coil::kernels {
namespace {

constexpr std::int64_t kTile = 16;          // floats of a cache line
constexpr std::int64_t kThreshold = 32768;  // 10 us at 0.3 ns an element

// One tile. Reads of a column and writes of a row both stay in lines that the tile owns.
void turn(const float* in, float* out, Extent whole, Extent tile) {
  for (std::int64_t c = 0; c < tile.columns; ++c)
    for (std::int64_t r = 0; r < tile.rows; ++r)
      out[c * whole.rows + r] = in[r * whole.columns + c];
}

}  // namespace

void transpose(const float* in, float* out, Extent extent) {
  split(extent.size(), kThreshold, {.count = extent.columns, .multiple = kTile},
        [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t c = begin; c < end; c += kTile)
            for (std::int64_t r = 0; r < extent.rows; r += kTile)
              turn(in + r * extent.columns + c, out + c * extent.rows + r, extent,
                   {std::min(kTile, extent.rows - r), std::min(kTile, end - c)});
        });
}

}  // namespace coil::kernels
