#pragma once

#include "runtime/kernels/flush_denormals.hpp"
#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/pieces.hpp"

namespace coil::kernels {

// An optimizer's step: update(tensor, first, count) for the elements of all tensors, divided among threads where a
// cache line ends. Denormal numbers count as zero meanwhile. `threshold` as in parallel.hpp.
template <typename Tensor, typename Update>
void update_all(std::span<const Tensor> tensors, std::int64_t threshold, const Update& update) {
  constexpr std::int64_t cache_line = 16;  // floats
  const std::int64_t total = total_size(tensors);
  split(total, threshold, {.count = total, .multiple = cache_line},
        [&](std::int64_t begin, std::int64_t end) {
          const FlushDenormals flush;
          for_each_piece(tensors, begin, end, update);
        });
}

}  // namespace coil::kernels
