#include <atomic>
#include <bit>

#include "runtime/kernels/parallel.hpp"
#include "runtime/model/weights.hpp"

namespace coil {
// Numbers whose exponent bits are all set are infinite or NaN. Without a branch, for the vectoriser: this
// looks at every weight after every step of training.
bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t exponent = 0x7f800000;
  std::uint32_t broken = 0;
  for (const float x : values)
    broken |= std::uint32_t{(std::bit_cast<std::uint32_t>(x) & exponent) == exponent};
  return broken == 0;
}

namespace {

constexpr std::int64_t finite_threshold = 262144;  // 13 us at 0.05 ns an element

bool all_finite_on_all_threads(std::span<const float> values) {
  std::atomic<bool> finite = true;
  kernels::split(std::ssize(values), finite_threshold, {.count = std::ssize(values)},
                 [&](std::int64_t begin, std::int64_t end) {
                   const auto part = values.subspan(static_cast<std::size_t>(begin),
                                                    static_cast<std::size_t>(end - begin));
                   if (!all_finite(part)) finite = false;
                 });
  return finite;
}

}  // namespace

std::optional<std::string> broken_weight(const Model& model) {
  return model.store.weight_that(
      [](std::span<const float> values) { return !all_finite_on_all_threads(values); });
}

}  // namespace coil
