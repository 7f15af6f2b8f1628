#include "runtime/kernels/instruction_set.hpp"

#include <hwy/highway.h>

namespace coil::kernels {

// Of Highway's bits, the lowest is the best.
std::string instruction_set() {
  const std::int64_t usable = hwy::SupportedTargets() & HWY_TARGETS;
  std::string name = hwy::TargetName(usable & -usable);
  for (char& letter : name)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return name;
}

}  // namespace coil::kernels
