#pragma once

#include <optional>
#include <string>

#include "runtime/cli/command_line.hpp"

namespace coil::cli {

// -p/--prompt and -f/--file.
struct PromptSource {
  std::optional<std::string> text;
  std::string file;
};

void add_prompt(App& app, PromptSource& source);

// What to go on from: the text of -p as it is; the file of -f, where "-" is standard input; without both standard
// input, where that is no terminal. A file's byte order mark and the newline at its very end, which editors put
// there, are left out. Empty where `may_be_missing` and neither option is given. RunError: usage where nothing is
// said, io.
std::string read_prompt(const PromptSource& source, bool may_be_missing);

}  // namespace coil::cli
