#pragma once

#include <atomic>

#include "runtime/kernels/flush_denormals.hpp"
#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/pieces.hpp"

namespace coil::kernels {

// An optimizer's step: update(tensor, first, count) for the elements of all tensors, divided among threads where a
// cache line ends. Denormal numbers count as zero meanwhile. `threshold` as in parallel.hpp. Gives whether each update
// says that all weights it wrote are finite.
template <typename Tensor, typename Update>
bool update_all(std::span<const Tensor> tensors, std::int64_t threshold, const Update& update) {
  constexpr std::int64_t cache_line = 16;  // floats
  const std::int64_t total = total_size(tensors);
  std::atomic<bool> all_finite = true;
  split(total, threshold, {.count = total, .multiple = cache_line},
        [&](std::int64_t begin, std::int64_t end) {
          const FlushDenormals flush;
          for_each_piece(tensors, begin, end,
                         [&](const Tensor& tensor, std::int64_t first, std::int64_t count) {
                           if (!update(tensor, first, count)) all_finite = false;
                         });
        });
  return all_finite;
}

}  // namespace coil::kernels
