#include "runtime/cli/processor.hpp"

#include <fstream>

#include "compiler/source/utf8.hpp"

namespace coil::cli {

// Linux names the processor once for each core.
std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name"))
      if (const std::size_t colon = line.find(": "); colon != std::string::npos)
        return printable(line.substr(colon + 2), 200);
  return "unknown";
}

}  // namespace coil::cli
