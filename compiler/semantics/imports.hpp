#pragma once

#include "compiler/semantics/program.hpp"

namespace coil::semantics {

// Loads what the file imports, and what that imports, and puts the named cells into scope. A path is
// relative to the file that says it, and never leads out of the folder of the main file. Mistakes, also
// those inside an imported file, go to `diagnostics`.
void load_imports(Program& program, FileScope& scope, const ast::File& file,
                  Diagnostics& diagnostics);

}  // namespace coil::semantics
