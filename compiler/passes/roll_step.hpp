#pragma once

// What roll.cpp, and the files that do its parts, call things.
//
//   step       one round of a recurrence, as the flat graph has it: the nodes from the values that the round
//              before left to the values that it leaves
//   pattern    the last step, seen as what all steps have in common: nodes that differ from step to step
//              only below their holes
//   hole       a node that stands for another one in every step: a carried value (what the step before
//              left) or an element of a sequence
//   invariant  whatever else the pattern's nodes use: the same node in every step
//   instance   which node stands in a step for each node of the pattern

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil::rolling {

struct ValueHash {
  std::size_t operator()(Value value) const {
    return std::size_t{value.node} * 31 + std::size_t{value.result};
  }
};
using ValueMap = std::unordered_map<Value, Value, ValueHash>;
using ValueSet = std::unordered_set<Value, ValueHash>;

struct Pattern {
  std::vector<Value> outs;      // for each carry, what the step leaves
  std::vector<Value> ins;       // and the hole: what the step before left
  std::vector<Value> elements;  // the holes that are elements of sequences
  std::optional<Value>
      root;  // what the step adds to a collected sequence, if that is how it was found
  std::vector<Value> body;  // its nodes, operands before users

  bool is_hole(Value value) const;
};

using Instance = ValueMap;

// Two nodes that should have been alike: `expected` of the pattern, `found` in another step.
struct Mismatch {
  Value expected, found;
  std::size_t progress = 0;  // nodes that were alike before
};

// A recurrence in a flat graph.
struct Recurrence {
  Pattern pattern;
  std::vector<Instance> steps;                     // the first one first
  std::vector<std::optional<Value>> first_values;  // of each carry; nothing: zeros
  std::optional<Mismatch> stopped_by;              // why it goes back no further
  std::optional<Pattern>
      from_zeros;  // what a first step would be, where none was found: outs as above
};

// The element of a sequence that a value is: element `index` of `sequence`, or a whole input (index -1).
struct SequenceElement {
  Value sequence;
  std::int64_t index = -1;
};
std::optional<SequenceElement> as_element(const Graph& graph, Value value);

// Whether a value may stand for another one as an element of the same sequence.
bool are_elements_alike(const Graph& graph, Value a, Value b);

}  // namespace coil::rolling
