#pragma once

#include <optional>
#include <string>

#include "compiler/passes/remarks.hpp"
#include "compiler/source/source_file.hpp"

namespace coil::cli {

// What a pass told, a remark a paragraph, with the source line where there is a text:
//   char.model:14:9: not rolled: step 5 uses weight W2, steps 1-4 use W1
//       h = mix(h + encode(embed(c[t])))
//           ^~~
// or one line where it told nothing. `path` names the file that was compiled.
std::string explain(const Remarks& remarks, const std::string& pass, const std::string& path,
                    const std::optional<SourceFile>& text);

}  // namespace coil::cli
