#pragma once

#include <cstdint>

namespace coil::test {

// How many random cases a property is tried on: all of them where the build is optimised; one in five, and at
// least one, where every access is checked, which takes some ten times as long. Counts that are expected of
// them are scaled with it too.
constexpr std::uint64_t cases(std::uint64_t all) {
#ifdef COIL_SANITIZED
  return (all + 4) / 5;
#else
  return all;
#endif
}

// What is expected of all cases, and of the fifth of them, where the share is a matter of chance: each as it is with
// the seeds that are tried.
template <typename Count>
constexpr Count of_cases(Count all, Count fifth) {
  return cases(5) == 5 ? all : fifth;
}

// How long a text or an array is that is tried for its length: `whole` where the build is optimised, a tenth of it
// where every access is checked: what writes past an end, overflows a stack or takes quadratic time does so there too.
template <typename Count>
constexpr Count length(Count whole) {
  return cases(5) == 5 ? whole : whole / 10;
}

}  // namespace coil::test
