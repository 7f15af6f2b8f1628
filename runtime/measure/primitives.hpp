#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/measure/sample_run.hpp"

namespace coil {

// A step of a program, as it ran.
struct Primitive {
  NodeId node = 0;
  std::string what;            // "[512x42] @ [42x256] + bias, relu"
  std::string requested_type;  // as Step has them
  std::string actual_type;
  std::string isa;             // "avx512_core"; of kernels of ours in Highway's words
  std::string implementation;  // "brgemm"; kernels of ours begin with "coil:"
  double seconds = 0;          // the median of some runs
};

// In the order in which they run. Alone between two looks at a clock a primitive takes a little longer than among
// the others.
std::vector<Primitive> time_primitives(SampleRun& run);

}  // namespace coil
