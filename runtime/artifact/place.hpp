#pragma once

// Where a file is written, and why not.

#include <filesystem>

namespace coil {

// RunError (io): the path, the system's reason for `error` (an errno) and what to do about it.
[[noreturn]] void refuse(const std::filesystem::path& path, int error);

// `path` itself, or the end of its chain of symbolic links: the file that is replaced.
std::filesystem::path follow_links(const std::filesystem::path& path);

}  // namespace coil
