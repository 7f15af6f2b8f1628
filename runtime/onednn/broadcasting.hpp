#pragma once

// Broadcasting in its full generality, for the few shapes that no vectorised kernel takes: any operand
// against any result, one element at a time on one thread. Correct first; a shape that turns up in a hot
// loop deserves a kernel.

#include <cstdint>
#include <vector>

namespace coil::onednn {

using Dims = std::vector<std::int64_t>;

// Repeats `from` (of dims `part`) up to `to` (of dims `whole`); part broadcasts to whole.
struct Spread {
  Dims part, whole;
  const float* from = nullptr;
  float* to = nullptr;
  void run() const;
};

// Sums `from` (of dims `whole`) down to `to` (of dims `part`), in double precision where one element
// is left, which is where many are added.
struct Fold {
  Dims whole, part;
  const float* from = nullptr;
  float* to = nullptr;
  void run() const;
};

}  // namespace coil::onednn
