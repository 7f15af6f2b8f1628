#pragma once

#include "compiler/passes/roll_step.hpp"

namespace coil::rolling {

// What one side of two almost equal steps has and the other has not; a side without a value has nothing there.
struct StepDifference {
  std::optional<Value> expected;  // of the pattern
  std::optional<Value> found;
};

// Where `other` differs from what the pattern leaves at `out`: its first differences, each once. Sums and
// products are compared in any order and grouping. As soon as there are more than `most`, no more are looked for.
struct StepComparison {
  std::vector<StepDifference> differences;
  std::size_t alike = 0;  // nodes of the pattern that have their like
};
StepComparison compare_step(const Graph& graph, const Pattern& pattern, Value out, Value other,
                            std::size_t most = 2);

}  // namespace coil::rolling
