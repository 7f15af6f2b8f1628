#pragma once

#include <optional>
#include <string>

#include "compiler/graph/graph.hpp"
#include "compiler/source/source_file.hpp"

namespace coil::cli {

// A message at a node's place, with the source line as diagnostics show it. A graph or an artifact has
// the places of a text that is not at hand: then `text` is absent and the place is named.
std::string at_place(const std::string& path, const std::optional<SourceFile>& text, Place place,
                     const std::string& message);

}  // namespace coil::cli
