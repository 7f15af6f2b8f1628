#pragma once

#include <string>

#include "compiler/source/source_file.hpp"

namespace coil {

inline constexpr std::size_t largest_source_bytes = std::size_t{16} << 20;

// Reads a whole file; RunError (io) with the path and the system's reason where it cannot, or where it
// is larger than `largest`, a folder, or not a regular file or pipe. "-" is standard input.
std::string read_file(const std::string& path, std::size_t largest);

// A .model file, without the byte order mark that some editors put first.
SourceFile load_source(const std::string& path);

}  // namespace coil
