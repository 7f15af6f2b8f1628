#pragma once

#include <string>

#include "runtime/cli/command_line.hpp"

namespace coil::cli {

// --unknown, as parse_unknown_policy reads it. `which` are the characters: "that the model does not know".
inline void add_unknown(App& app, std::string& target, const std::string& which) {
  app.add_option("--unknown", target,
                 "what becomes of a character " + which + ": error, skip or replace:<c>")
      ->type_name("POLICY")
      ->default_str("error");
}

}  // namespace coil::cli
