#include <fmt/format.h>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/processor.hpp"
#include "runtime/cli/standard_output.hpp"
#include "runtime/cli/threads.hpp"
#include "runtime/onednn/onednn.hpp"

namespace coil::cli {
namespace {

int print_info() {
  write_out(
      fmt::format("Coil           {}\n"
                  "oneDNN         {}\n"
                  "effective ISA  {}\n"
                  "threads        {}\n"
                  "CPU            {}\n"
                  "built          {}\n",
                  COIL_VERSION, onednn::library_version(), onednn::effective_isa(),
                  available_cores(), processor(), COIL_BUILD));
  return 0;
}

}  // namespace

Command add_info(App& coil) {
  App* app = coil.add_subcommand("info", "show versions and what this machine offers");
  set_up(*app, "  coil info\n");
  return {app, print_info};
}

}  // namespace coil::cli
