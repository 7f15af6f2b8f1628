#pragma once

#include <string>

namespace coil::cli {

// Whether `path` can be written later, asked before work begins whose result would be lost: its folder is
// there and writable, and it is no folder itself. RunError (io). `option` names it: "-o".
void require_writable(const std::string& option, const std::string& path);

// Whether an artifact may be written there: as above, and a file that is there already must be an
// artifact or empty; anything else is somebody's, and RunError (usage).
void require_replaceable(const std::string& option, const std::string& path);

// Whether a plain safetensors file may be written there: what is there already must be one, or empty. A .coil
// artifact is none: it holds more. RunError as above.
void require_replaceable_weights(const std::string& option, const std::string& path);

// RunError (usage) where both name one file. `what` is "the corpus".
void require_different(const std::string& option, const std::string& path, const std::string& what,
                       const std::string& other);

}  // namespace coil::cli
