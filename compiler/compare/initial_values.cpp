#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/compare/compare.hpp"
#include "compiler/compare/words.hpp"
#include "compiler/graph/op_record.hpp"
#include "compiler/graph/use_order.hpp"

namespace coil {
namespace {

constexpr std::size_t most_named = 3;

std::vector<const Node*> weights(const Graph& graph) {
  std::vector<const Node*> found;
  for (const NodeId id : use_order(graph))
    if (graph.node(id).op == Op::weight) found.push_back(&graph.node(id));
  return found;
}

// A piece of an lstm_bias that lies in one gate is zeros or ones.
Initializer simplified(const WeightAttributes& weight) {
  Initializer initializer = weight.initializer;
  if (initializer.kind != InitializerKind::lstm_bias || weight.piece.of.empty()) return initializer;
  const std::int64_t gate = weight.piece.whole.last() / 4;
  const std::int64_t begin = weight.piece.begin.back();
  const std::int64_t end = begin + weight.piece.size.back();
  if (gate > 0 && begin / gate == (end - 1) / gate)
    initializer.kind = begin / gate == 1 ? InitializerKind::ones : InitializerKind::zeros;
  return initializer;
}

// How a weight starts, with the shape where the numbers depend on it.
std::string start_of(const Node& node) {
  const auto& weight = std::get<WeightAttributes>(node.attributes);
  const Initializer initializer = simplified(weight);
  const std::string_view kind = to_string(initializer.kind);
  const Shape& whole = weight.piece.of.empty() ? node.types[0].shape : weight.piece.whole;
  switch (initializer.kind) {
    case InitializerKind::zeros:
    case InitializerKind::ones:
      return std::string(kind);
    case InitializerKind::uniform:
      return fmt::format("{} {}", kind, initializer.limit);
    case InitializerKind::glorot_uniform:
    case InitializerKind::orthogonal:
    case InitializerKind::lstm_bias:
      return fmt::format("{} over {}", kind, to_string(whole));
  }
  __builtin_unreachable();
}

}  // namespace

std::string differing_initial_values(const Graph& a, const Graph& b) {
  const auto of_a = weights(a), of_b = weights(b);
  std::vector<std::string> named;
  std::size_t differing = 0;
  for (std::size_t i = 0; i < std::min(of_a.size(), of_b.size()); ++i) {
    const std::string start_a = start_of(*of_a[i]), start_b = start_of(*of_b[i]);
    if (start_a == start_b || ++differing > most_named) continue;
    named.push_back(fmt::format("{} ({}) in A and {} ({}) in B", leaf_name(*of_a[i]), start_a,
                                leaf_name(*of_b[i]), start_b));
  }
  if (named.empty()) return "";
  std::string text = fmt::format("initial values differ: {}", fmt::join(named, "; "));
  if (differing > most_named)
    text += fmt::format("; and {}", comparing::plural(differing - most_named, "more weight"));
  return text;
}

}  // namespace coil
