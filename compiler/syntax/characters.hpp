#pragma once

#include <optional>
#include <string>

#include "compiler/source/diagnostic.hpp"

namespace coil {

// The text to parse: as long as the file's, so that places agree, and pure ASCII outside comments. What
// cannot stand in a model (a typographic minus, a letter that is not ASCII, a control character) is
// reported and replaced by what was most likely meant, so that the parser does not stumble over it a
// second time. Nothing where the bytes are not text at all: a NUL, or broken UTF-8, is reported and ends
// the matter.
std::optional<std::string> check_characters(const SourceFile& file, Diagnostics& diagnostics);

}  // namespace coil
