#pragma once

#include <optional>
#include <string>

#include "compiler/source/diagnostic.hpp"

namespace coil {

// The file in its one canonical layout, which says the same: two spaces a level, one statement a line, at
// most one blank line in a row, lines of up to 100 columns where they can be broken. Comments stay, each
// between the tokens where it stood, at a line's end or on a line of its own as before. Neighbouring
// `layer` lines, and neighbouring `weight` lines, have their '=' below each other, and neighbouring
// comments at the ends of statements their '#'. Formatting twice changes nothing more.
// Nothing where the file has mistakes; they go to `diagnostics`.
std::optional<std::string> format(const SourceFile& file, Diagnostics& diagnostics);

}  // namespace coil
