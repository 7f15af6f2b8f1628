#pragma once

namespace coil::cli {

// From now on the first SIGINT or SIGTERM is only noted, so that work can be brought to a good end; the
// next one ends the process at once. A signal that the parent chose to ignore stays ignored.
void note_signals();

// SIGINT or SIGTERM once one came; else 0.
int noted_signal();

}  // namespace coil::cli
