#pragma once

namespace coil::cli {

// `coilc fmt`: model texts in their canonical layout. `argv[0]` is the word `fmt`.
int format_command(int argc, char** argv);

}  // namespace coil::cli
