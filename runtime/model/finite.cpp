#include <bit>

#include "runtime/model/weights.hpp"

namespace coil {

// Numbers whose exponent bits are all set are infinite or NaN. Without a branch, for the vectoriser.
bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t exponent = 0x7f800000;
  std::uint32_t broken = 0;
  for (const float x : values)
    broken |= std::uint32_t{(std::bit_cast<std::uint32_t>(x) & exponent) == exponent};
  return broken == 0;
}

std::optional<std::string> broken_weight(const Model& model) {
  return model.store.weight_that([](std::span<const float> values) { return !all_finite(values); });
}

}  // namespace coil
