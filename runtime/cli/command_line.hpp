#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace coil::cli {

// One of `coil`'s commands: its options, and what it does once they are read.
struct Command {
  CLI::App* app = nullptr;
  std::function<int()> run;
};

// Adds --version, and --help to each command with `examples` below it.
void set_up(CLI::App& app, const std::string& examples);

// Reads the command line. False where --help or --version was all it asked for; that is printed then.
// RunError (usage) for what is wrong, with the option or command that was probably meant.
bool parse(CLI::App& app, int argc, char** argv);

}  // namespace coil::cli
