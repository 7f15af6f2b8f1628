#pragma once

// Temporary files beside the file they will become: ".<name>.<process>.<count>.coil-tmp".

#include <filesystem>

namespace coil {

// A path beside `target` that this process has not handed out before. The name is cut so that it
// stays within what file systems allow.
std::filesystem::path temporary_path(const std::filesystem::path& target);

// Removes what killed processes left for `target`: temporaries whose process no longer exists and
// whose lock (held by a living writer, perhaps in another container) is free. Failures are ignored:
// a stale file is a nuisance, not an error.
void sweep_temporaries(const std::filesystem::path& target) noexcept;

}  // namespace coil
