#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/graph/evaluate.hpp"

#include "tests/support/rng.hpp"

namespace coil::test {

// Where a leaf's values lie, and the points (kinks of a function) that they keep away from.
struct Range {
  double low = -1.5;
  double high = 1.5;
  std::vector<double> kinks;
};
// Of leaves by name; a leaf without an entry takes Range{}.
using Ranges = std::map<std::string, Range>;

// No value lies closer to a kink than this.
inline constexpr double kink_clearance = 0.02;

// Values for every input, weight and state, told by the seed alone; indices below their bounds.
Feeds random_feeds(const Graph& graph, std::int64_t batch, std::uint64_t seed,
                   const Ranges& ranges = {});

// An array of that type, every element the same.
Array filled(const Type& type, std::int64_t batch, double value);

// The largest |a - b| / (1 + |a|) over all outputs; infinite where names or shapes differ or only one of
// two elements is NaN.
double distance(const std::map<std::string, Array>& a, const std::map<std::string, Array>& b);

}  // namespace coil::test
