#pragma once

#include <string>

namespace coil::kernels {

// The vectors that kernels use on this machine, in Highway's words in lower case: "avx2", "avx3_zen4".
std::string instruction_set();

}  // namespace coil::kernels
