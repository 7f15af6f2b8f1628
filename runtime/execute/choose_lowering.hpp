#pragma once

#include <string>
#include <vector>

#include "compiler/passes/lowering.hpp"
#include "compiler/passes/pipeline.hpp"

#include "runtime/execute/execution.hpp"

namespace coil {

struct LoweringTime {
  Lowering lowering;
  double seconds = 0;  // of one run
  bool operator==(const LoweringTime&) const = default;
};

// The fastest lowering of an entry at one batch size, number of threads and precision, and what tells so.
struct LoweringChoice {
  Lowering lowering = Lowering::hoisted;
  // In the order of lowerings(), without those that what is required rules out; none where nothing was measured.
  std::vector<LoweringTime> times;
};

// "unrolled 4.1 ms, hoisted 2.6 ms: hoisted".
std::string to_string(const LoweringChoice& choice);

// Of a canonical graph with a recurrence (one step of one, only where it is learnt from; any other is hoisted), run as
// `execution` says but for the lowering. Measured on this machine, on random weights and inputs, for a quarter of a
// second or so, and kept on disk (lowering_cache.hpp): asked again, it reads. A lowering is only preferred to `hoisted`
// where it is clearly faster, so that noise changes no choice, and where it satisfies what `execution` requires.
// RunError where the machine has not the memory.
LoweringChoice choose_lowering(const Graph& canonical, Entry entry, std::int64_t batch,
                               const Execution& execution);

// The choice that these times make; hoisted must be among them.
LoweringChoice choice_of(std::vector<LoweringTime> times);

}  // namespace coil
