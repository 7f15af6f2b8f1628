#pragma once

#include <string>

namespace coil::cli {

// What the machine's processor is called: "AMD EPYC 9B45"; "unknown" where the system does not say.
std::string processor();

}  // namespace coil::cli
