#pragma once

namespace coil::cli {

// `coilc equiv A B`: whether two models are one computation, and where not. `argv` begins with "equiv".
// Exit code 0 where they are identical, 1 where not.
int equiv_command(int argc, char** argv);

}  // namespace coil::cli
