#pragma once

#include <string>
#include <string_view>

#include "compiler/source/source_file.hpp"

namespace coil {

// A range as a message shows it: inside one line, and never past the last line that has text. What
// begins at the end of the file begins just past the last character instead.
SourceRange clip_to_line(const SourceFile& file, SourceRange range);

// The line that `range` (clipped, see above) begins in, and below it a caret under the range:
//     h = mix(enocde(embed(c1)))
//             ^~~~~~
// Both are indented by four spaces and end with a line end. Tabs are expanded; invisible characters and
// broken UTF-8 are escaped; a line wider than 100 columns is cut on either side of the caret.
std::string excerpt(const SourceFile& file, SourceRange range);

// The word or number that begins at a place, or the one character there. Nowhere where the file has no
// such place.
SourceRange word_at(const SourceFile& file, LineColumn at);

// `char3.model:14:9: message`, and below it the line with a caret; without line and column where the place
// is nowhere.
std::string located(const SourceFile& file, LineColumn at, std::string_view message);

}  // namespace coil
