#include "compiler/compare/compare.hpp"

#include <fmt/format.h>

#include "compiler/compare/walk.hpp"
#include "compiler/graph/hash.hpp"
#include "compiler/passes/canonicalise.hpp"
#include "compiler/passes/eliminate_dead.hpp"
#include "compiler/passes/unroll.hpp"

namespace coil {
namespace {

// Where the same things are in another order: terms of a sum that differ in nothing but their weights,
// say, whose order is the text's.
Difference of_order() {
  return {
      "A and B compute from the same parts, in another order or with other connections", {}, {}};
}

// What unrolling would make of it, at most.
constexpr std::int64_t most_unrolled = 200'000;

std::int64_t unrolled_size(const Graph& graph) {
  std::int64_t size = 0;
  for (const Node& node : graph.nodes()) {
    const auto* scan = std::get_if<ScanAttributes>(&node.attributes);
    const std::int64_t inside = scan ? unrolled_size(*scan->body.graph) : 1;
    if (scan && scan->steps > most_unrolled / inside) return most_unrolled + 1;
    size += scan ? scan->steps * inside : 1;
    if (size > most_unrolled) return size;
  }
  return size;
}

Graph unrolled(const Graph& graph) { return eliminate_dead(canonicalise(unroll(graph))); }

Difference of_rolling(const Graph& a) {
  const bool a_rolled = !leaves(a, Op::scan).empty();
  return {fmt::format("{} is a recurrence, and {} computes the same step by step (coilc "
                      "--explain=roll tells why it was not rolled)",
                      a_rolled ? 'A' : 'B', a_rolled ? 'B' : 'A'),
          {},
          {}};
}

std::vector<Difference> walk(const Graph& a, const Graph& b, std::size_t limit) {
  const comparing::View of_a(a), of_b(b);
  comparing::Walk walk(of_a, of_b, limit);
  auto found = walk.run();
  if (!walk.met_one_sided_recurrence() || unrolled_size(a) > most_unrolled ||
      unrolled_size(b) > most_unrolled)
    return found;
  const Graph flat_a = unrolled(a), flat_b = unrolled(b);
  const comparing::View of_flat_a(flat_a), of_flat_b(flat_b);
  found = comparing::Walk(of_flat_a, of_flat_b, limit).run();
  if (found.empty()) found.push_back(of_rolling(a));
  return found;
}

}  // namespace

std::vector<Difference> compare(const Graph& a, const Graph& b, std::size_t limit) {
  if (hash_of(a) == hash_of(b)) return {};
  auto found = walk(a, b, limit);
  if (found.empty()) found.push_back(of_order());
  return found;
}

}  // namespace coil
