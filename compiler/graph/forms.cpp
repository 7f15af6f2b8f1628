#include "compiler/graph/forms.hpp"

#include <fmt/format.h>

#include "compiler/graph/hash.hpp"
#include "compiler/graph/op_record.hpp"
#include "compiler/graph/ops/common.hpp"

namespace coil {
namespace {

bool no(std::string* why, std::string reason) {
  if (why) *why = std::move(reason);
  return false;
}

}  // namespace

bool is_flat(const Graph& graph, std::string* why) {
  for (NodeId id = 0; id < graph.size(); ++id)
    if (graph.node(id).op == Op::fused_matmul)
      return no(why, fmt::format("node {} is a fused product", id));
  return true;
}

bool is_canonical(const Graph& graph, std::string* why) {
  if (!is_flat(graph, why)) return false;
  auto uses = count_uses(graph);
  for (const auto& leaf : output_leaves(graph))
    if (leaf) ++uses[*leaf];
  StructuralHashes order;
  order.extend(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (uses[id] == 0 && node.op != Op::input) return no(why, fmt::format("node {} is dead", id));
    if (record(node.op).trait.value != Trait::commutative) continue;
    if (order.of(node.operands[1]) < order.of(node.operands[0]))
      return no(why, fmt::format("node {} has its operands out of order", id));
  }
  return true;
}

bool is_model(const Graph& graph, std::string* why) {
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Op op = graph.node(id).op;
    if (record(op).trait.value == Trait::leaf) continue;
    if (record(op).gradient.value == records::no_gradient || op == Op::cross_entropy)
      return no(why, fmt::format("node {} is a {}, which no model has", id, to_string(op)));
  }
  return true;
}

}  // namespace coil
