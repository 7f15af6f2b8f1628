#pragma once

// A plan says, for one batch size, in which order the nodes of an entry run and where each value lies.

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

enum class Storage : std::uint8_t {
  arena,  // at an offset of the program's own memory
  bound,  // in the memory of a weight or state, which outlives the program
  given,  // in memory that somebody gives who wants the value there (compiler/plan/rows.hpp)
};

struct Slot {
  Storage storage = Storage::arena;
  std::size_t offset = 0;  // arena: bytes from its start; given: which of Plan::given
  NodeId leaf = 0;         // bound: the weight or state
  std::size_t bytes = 0;
  bool operator==(const Slot&) const = default;
};

// After all nodes ran, a value is copied: first to a place of its own where its leaf is about to be written,
// then over each weight or state that could not be updated in place.
struct Copy {
  Value value;
  Slot from, to;
};

struct Plan {
  Graph graph;
  std::int64_t batch = 1;
  std::vector<NodeId> schedule;  // every node but leaves, in order
  std::size_t fixed = 0;  // so many of the schedule, at its front, give the same in every run
  std::vector<std::vector<Slot>> slots;  // of each result of each node
  std::vector<Copy> copies;              // in this order
  std::vector<Slot> output_slots;        // where each output of the graph lies after the copies
  std::vector<Value> given = {};         // what lies in given memory
  std::size_t arena_bytes = 0;
  std::size_t least_arena_bytes = 0;  // what no placement can go below

  const Slot& slot(Value value) const { return slots[value.node][value.result]; }
};

// Bytes of one element: floats, 32-bit indices, bf16 and int8.
constexpr std::size_t bytes_of(Element element) {
  if (element == Element::int8) return 1;
  return element == Element::bf16 ? 2 : 4;
}

// All values of a plan side by side; far beyond any machine, and far from where sums of sizes wrap.
inline constexpr std::size_t most_plan_bytes = std::size_t{1} << 56;

// Plans an entry. A result takes the place of an operand that dies there, where the op's record allows.
// Inputs, constants and results that are outputs keep their place for the whole run. Every update sees the
// values from before the run, whatever the order of the outputs; an output that is a leaf is its old value.
// What depends on constants and on weights that the entry does not update stands first, and keeps its place: it need
// not be computed again before somebody else changes a weight.
// RunError (usage) where the values together pass `most_plan_bytes`.
Plan make_plan(Graph entry, std::int64_t batch);

// One line a scheduled node: what it computes, where to, and in whose place. What `--emit=plan` prints.
std::string to_text(const Plan& plan);

}  // namespace coil
