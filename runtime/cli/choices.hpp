#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/cli/command_line.hpp"

namespace coil::cli {

// RunError (usage) that lists the choices and says which one was probably meant. `what` is "--emit", or
// whatever else the word should have been one of.
void require_choice(const std::string& what, const std::string& word,
                    std::span<const std::string> choices);

// An option whose value is one of a few words.
Option* add_choice(App& app, const std::string& names, std::string& target,
                   std::vector<std::string> choices, const std::string& help);

}  // namespace coil::cli
