#pragma once

#include <string>
#include <vector>

#include "compiler/passes/lowering.hpp"
#include "compiler/passes/pipeline.hpp"

#include "runtime/execute/execution.hpp"

namespace coil {

struct LoweringTime {
  Way way;
  double seconds = 0;  // of one run
  bool operator==(const LoweringTime&) const = default;
};

// The fastest way to run an entry at one batch size, number of threads and precision, and what tells so.
struct LoweringChoice {
  Way way;
  // In the order of candidates(), without those that what is required rules out; none where nothing was measured.
  std::vector<LoweringTime> times;
};

// "unrolled 4.1 ms, hoisted 2.6 ms, hoisted by rows 2.4 ms: hoisted by rows".
std::string to_string(const LoweringChoice& choice);

// What the entry of a canonical graph is measured as. Every lowering, where there is a recurrence (one step of one, only
// where it is learnt from); any other is hoisted. Each with rows together and, where no row meets another and each
// thread would have some, with rows apart; or as `execution` says.
std::vector<Way> candidates(const Graph& canonical, Entry entry, std::int64_t batch,
                            const Execution& execution);

// The fastest of the candidates, where there are several, run as `execution` says but for the way. Measured on this
// machine, on random weights and inputs, for half a second or so, and kept on disk (lowering_cache.hpp): asked again,
// it reads. Another is only preferred to the first hoisted one where it is clearly faster, so that noise changes no
// choice, and where it satisfies what `execution` requires. RunError where the machine has not the memory.
LoweringChoice choose_lowering(const Graph& canonical, Entry entry, std::int64_t batch,
                               const Execution& execution);

// The choice that these times make; hoisted must be among them.
LoweringChoice choice_of(std::vector<LoweringTime> times);

}  // namespace coil
