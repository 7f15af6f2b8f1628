#pragma once

#include <string>
#include <string_view>

namespace coil {

// `text` (UTF-8) with every code point replaced by the one code point that is its simple lower case;
// the number of characters stays. The mapping is that of the C.UTF-8 locale (towlower), whatever
// locale the process runs in; where the system lacks C.UTF-8, lower_without_locale().
std::string lower_case(std::string_view text);

// Latin (Basic, Latin-1, Extended-A: up to U+017F), Greek (U+0386 to U+03CE) and Cyrillic (U+0400 to
// U+052F) letters as the C.UTF-8 locale has them; others stay.
char32_t lower_without_locale(char32_t code_point);

}  // namespace coil
