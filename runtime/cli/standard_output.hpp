#pragma once

#include <string_view>

namespace coil::cli {

// The reader of stdout has gone. Not an error: `coil generate ... | head -c 20` has what it wanted.
struct ClosedOutput {};

// Everything that commands print on stdout goes through these. ClosedOutput, or RunError (io) where the
// system refuses (a full disk).
void write_out(std::string_view text);
void flush_out();

bool out_is_terminal();

}  // namespace coil::cli
