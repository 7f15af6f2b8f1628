#pragma once

// The commands of `coil`, one file each.

#include "runtime/cli/command_line.hpp"

namespace coil::cli {

Command add_train(CLI::App& coil);
Command add_generate(CLI::App& coil);
Command add_run(CLI::App& coil);
Command add_inspect(CLI::App& coil);
Command add_corpus(CLI::App& coil);
Command add_info(CLI::App& coil);

}  // namespace coil::cli
