#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace coil {

inline constexpr std::size_t largest_corpus_bytes = std::size_t{1} << 30;

enum class LetterCase { as_written, lower };

// The text of a file as valid, non-empty UTF-8. A byte order mark at its start is dropped; line ends
// stay as they are (a '\r' is a character like any other). RunError: io where the file cannot be
// read, is a folder or past 1 GiB; bad_text where it is empty or not UTF-8, with byte and line.
std::string read_corpus(const std::string& path, LetterCase letters);

// The same for bytes already in memory; `path` is for the messages.
std::string corpus_from_bytes(std::string bytes, const std::string& path, LetterCase letters);

// Throws RunError (bad_text) with the byte and the line where `text` is not UTF-8.
void require_utf8(std::string_view text, const std::string& path);

}  // namespace coil
