#pragma once

// Where two canonical graphs part, told to the people who wrote them.

#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

// What one of the graphs has at a difference.
struct Side {
  Place place;
  std::string shown;  // as a person would write it
};

struct Difference {
  std::string message;  // calls the graphs A and B
  Side a;
  Side b;
};

// Walks both graphs in step from their outputs, and through the bodies of scans. Names mean nothing: weights
// and states correspond by their first use, inputs by position. A difference is told once, at its cause:
// what it makes different further on (a width, say, in every later weight) is not told again. Where
// one graph has a recurrence and the other has none, both are unrolled first. At most
// `limit` differences are found, those first in the order of use. None exactly where hash_of is equal.
std::vector<Difference> compare(const Graph& a, const Graph& b, std::size_t limit = 5);

// Weights of two graphs of equal hash that start differently, as one sentence; empty where none do.
std::string differing_initial_values(const Graph& a, const Graph& b);

}  // namespace coil
