#pragma once

#include <cstdint>

#include "runtime/cli/command_line.hpp"

namespace coil::cli {

// The cores that this process may use (its affinity, which taskset and containers set).
int available_cores();

// -t/--threads, available_cores() unless given.
Option* add_threads(App& app, std::int64_t& threads);

// Ties each of OpenMP's `threads` threads to a core of its own, where there are as many cores as
// threads; else does nothing. GOMP's threads meet at every step and spin while they wait: once the
// system has put two of them on one core beside a busy process, each step waits for a time slice, and
// training is up to 200 times slower. What is tied cannot be put together.
//
// Done here and not by OMP_PROC_BIND=true, which would have to be in the environment before the process
// starts, and which ties every process's first threads to the same first cores: two commands of one
// thread each would share one core beside an idle one. With fewer threads than cores the system has
// room to keep them apart, so they stay free. OMP_PROC_BIND or GOMP_CPU_AFFINITY, where set, decide instead.
void bind_threads(int threads);

}  // namespace coil::cli
