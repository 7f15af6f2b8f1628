#include <fmt/format.h>
#include <fstream>

#include "compiler/source/utf8.hpp"

#include "runtime/cli/commands.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/cli/threads.hpp"
#include "runtime/onednn/onednn.hpp"

namespace coil::cli {
namespace {

// Linux names the processor once for each core.
std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name"))
      if (const std::size_t colon = line.find(": "); colon != std::string::npos)
        return printable(line.substr(colon + 2), 200);
  return "unknown";
}

int run() {
  write_out(
      fmt::format("Coil           {}\n"
                  "oneDNN         {}\n"
                  "effective ISA  {}\n"
                  "threads        {}\n"
                  "CPU            {}\n"
                  "built          {}\n",
                  COIL_VERSION, onednn::library_version(), onednn::effective_isa(),
                  available_cores(), cpu_model(), COIL_BUILD));
  return 0;
}

}  // namespace

Command add_info(App& coil) {
  App* app = coil.add_subcommand("info", "show versions and what this machine offers");
  set_up(*app, "  coil info\n");
  return {app, run};
}

}  // namespace coil::cli
