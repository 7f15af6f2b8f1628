#pragma once

// Which elements a dropout keeps: a function of numbers alone, through Philox4x32-10, so that it is the same in
// the interpreter and in the kernel, and at any number of threads.

#include <Random123/philox.h>
#include <array>
#include <cmath>
#include <cstdint>

namespace coil {

class DropoutMask {
 public:
  // `seed` and `step` are whole numbers, as a run is given them; what is none counts as 0.
  DropoutMask(double rate, std::int64_t layer, double seed, double step)
      : drops_below_(static_cast<std::uint32_t>(rate * 0x1p32)),
        layer_(static_cast<std::uint32_t>(layer)),
        step_(static_cast<std::uint32_t>(whole(step))),
        key_{{static_cast<std::uint32_t>(whole(seed)),
              static_cast<std::uint32_t>(whole(seed) >> 32)}} {}

  // Whether each of the elements 4 group .. 4 group + 3 is kept.
  std::array<bool, 4> keeps(std::uint64_t group) const {
    const r123::Philox4x32::ctr_type counter{{static_cast<std::uint32_t>(group),
                                              static_cast<std::uint32_t>(group >> 32), layer_,
                                              step_}};
    const auto words = r123::Philox4x32{}(counter, key_);
    return {words[0] >= drops_below_, words[1] >= drops_below_, words[2] >= drops_below_,
            words[3] >= drops_below_};
  }

 private:
  static std::uint64_t whole(double x) {
    return x >= 0 && x < 0x1p53 ? static_cast<std::uint64_t>(std::floor(x)) : 0;
  }

  std::uint32_t drops_below_, layer_, step_;
  r123::Philox4x32::key_type key_;
};

}  // namespace coil
