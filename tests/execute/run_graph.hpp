#pragma once

#include <map>
#include <string>

#include "runtime/execute/executable.hpp"

#include "tests/support/feeds.hpp"

namespace coil::test {

// The same numbers as floats hold them, so that both sides start from equal inputs.
Feeds rounded_to_float(Feeds feeds);

using Outputs = std::map<std::string, Array>;

// An entry of a canonical graph, as an Executable would derive it.
Graph derived(const Graph& canonical, Entry entry, std::int64_t batch, Lowering lowering);

// Plans, lowers and runs a graph as it is, and gives its outputs under the names that evaluate() uses.
// logic_error where the run changed a weight or state that it does not update.
Outputs run_graph(const Graph& graph, const Feeds& feeds, std::int64_t batch, int threads = 2);

// The same for a plan that someone made otherwise.
Outputs run_plan(Plan plan, const Feeds& feeds, int threads = 2, Rows rows = Rows::together);

// Gives a program its inputs.
void feed_inputs(Program& program, const Feeds& feeds);

// How far `found` is from `meant`, over all outputs: the largest difference of two elements over the largest
// magnitude in that output. Infinite where names or shapes differ, or where one is NaN and the other not.
double relative_distance(const Outputs& meant, const Outputs& found);

// The same with every element over its own magnitude: for ops that do not add up.
double elementwise_distance(const Outputs& meant, const Outputs& found);

// The largest difference over the largest magnitude of all outputs: a gradient that is nothing but what its sum did not
// cancel has no scale of its own.
double whole_distance(const Outputs& meant, const Outputs& found);

}  // namespace coil::test
