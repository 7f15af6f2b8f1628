#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace coil::kernels {

template <typename Tensor>
std::int64_t total_size(std::span<const Tensor> tensors) {
  std::int64_t total = 0;
  for (const Tensor& tensor : tensors) total += tensor.size;
  return total;
}

// Sees the tensors as one long array and calls visit(tensor, first, count) for each tensor's share
// of the elements [begin, end), in order; empty shares are left out.
template <typename Tensor, typename Visit>
void for_each_piece(std::span<const Tensor> tensors, std::int64_t begin, std::int64_t end,
                    const Visit& visit) {
  std::int64_t start = 0;
  for (const Tensor& tensor : tensors) {
    const std::int64_t first = std::max(begin, start);
    const std::int64_t last = std::min(end, start + tensor.size);
    if (first < last) visit(tensor, first - start, last - first);
    start += tensor.size;
    if (start >= end) return;
  }
}

}  // namespace coil::kernels
