#include "runtime/kernels/dropout.hpp"

#include <algorithm>

#include "runtime/kernels/parallel.hpp"

namespace coil::kernels {
namespace {

constexpr std::int64_t kGroup = 4;                // elements that one draw decides on
constexpr std::int64_t kDropoutThreshold = 4096;  // ten rounds of Philox a group

}  // namespace

void dropout(const DropoutMask& mask, float scale, const float* x, float* y, std::int64_t size) {
  split(size, kDropoutThreshold, {.count = size, .multiple = kGroup},
        [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; i += kGroup) {
            const auto keeps = mask.keeps(static_cast<std::uint64_t>(i / kGroup));
            for (std::int64_t k = 0; k < std::min(kGroup, end - i); ++k)
              y[i + k] = keeps[static_cast<std::size_t>(k)] ? x[i + k] * scale : 0.0f;
          }
        });
}

}  // namespace coil::kernels
