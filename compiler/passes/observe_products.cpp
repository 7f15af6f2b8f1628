#include "compiler/passes/observe_products.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "compiler/passes/staying_products.hpp"

namespace coil {

Graph observe_products(Graph graph, Observed& observed) {
  const StayingProducts products(graph);
  std::set<std::pair<Value, std::vector<std::string>>> known;
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (!products.has(id)) continue;
    const Value left = graph.node(id).operands[0];
    std::vector<std::string> leaves = products.leaves_under(id);
    if (leaves.empty() || !known.emplace(left, leaves).second) continue;
    // With the leaves in the name, entries derived for other sizes do not contradict.
    const std::string name = fmt::format("left {} of {}", known.size(), fmt::join(leaves, ", "));
    observed.insert_or_assign(name, std::move(leaves));
    graph.outputs.push_back({name, left, OutputKind::result});
  }
  return graph;
}

}  // namespace coil
