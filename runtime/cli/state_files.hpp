#pragma once

#include <optional>
#include <string>

#include "runtime/cli/command_line.hpp"
#include "runtime/generate/live_state.hpp"

namespace coil::cli {

// --state-in and --state-out; empty where they are not given.
struct StateFiles {
  std::string in;
  std::string out;
};

void add_state_files(App& app, StateFiles& files);

// RunError (usage or io) where --state-out cannot be written, or names a file that is there and is no state.
void check_state_files(const StateFiles& files);

// What --state-in names, where it is given.
std::optional<LiveState> read_state(const StateFiles& files);

}  // namespace coil::cli
