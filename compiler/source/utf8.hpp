#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coil {

// Decodes the code point that starts at `text[offset]` and moves `offset` past it. Nothing where the
// bytes are not well-formed UTF-8 (overlong, a surrogate, past U+10FFFF, cut short); `offset` then
// stays.
std::optional<char32_t> decode_utf8(std::string_view text, std::size_t& offset);

// How many code points; each byte that is not part of a well-formed one counts as one too.
std::int64_t count_characters(std::string_view text);

// Where the first malformed byte stands; npos where all is well.
std::size_t find_invalid_utf8(std::string_view text);

// `code_point` must be a Unicode scalar value.
void append_utf8(std::string& out, char32_t code_point);

// A character as a message shows it: 'a', '\n', or U+00E9 'é'. What has no picture of its own (a
// control character, a zero-width space) is shown by its number alone: U+200B.
std::string describe_character(char32_t code_point);

// Whether a terminal would hide the character or let it disturb the line: control characters, zero-width
// characters, and those that turn the direction of writing.
bool is_invisible(char32_t code_point);

// Columns a terminal gives the character: 0 for a combining mark, 2 for East Asian wide ones and
// pictures, else 1.
int display_width(char32_t code_point);

// Text of any origin made safe for a message: what is invisible or malformed is escaped, and what is
// longer than `most` characters is cut, with "..." at its end.
std::string printable(std::string_view text, std::size_t most = 60);

}  // namespace coil
