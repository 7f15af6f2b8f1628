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

bool has_nothing_fused(const Graph& graph, std::string* why) {
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Op op = graph.node(id).op;
    if (op == Op::fused_matmul || op == Op::fused_elementwise || op == Op::recurrent ||
        op == Op::recurrent_grad)
      return no(why, fmt::format("node {} is a {}", id, to_string(op)));
  }
  return true;
}

}  // namespace

bool is_unrolled(const Graph& graph, std::string* why) {
  for (NodeId id = 0; id < graph.size(); ++id)
    if (graph.node(id).op == Op::scan) return no(why, fmt::format("node {} is a scan", id));
  return true;
}

bool is_flat(const Graph& graph, std::string* why) {
  return is_unrolled(graph, why) && has_nothing_fused(graph, why);
}

bool is_canonical(const Graph& graph, std::string* why) {
  if (!has_nothing_fused(graph, why)) return false;
  auto uses = count_uses(graph);
  for (const auto& leaf : output_leaves(graph))
    if (leaf) ++uses[*leaf];
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (uses[id] == 0 && node.op != Op::input) return no(why, fmt::format("node {} is dead", id));
    if (node.op == Op::sub) return no(why, fmt::format("node {} is a difference", id));
    if (const auto* scan = std::get_if<ScanAttributes>(&node.attributes))
      if (!is_canonical(*scan->body.graph, why)) return false;
  }
  return true;
}

bool is_model(const Graph& graph, std::string* why) {
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Op op = graph.node(id).op;
    if (record(op).trait.value == Trait::leaf) continue;
    if (record(op).gradient.value == records::no_gradient || op == Op::cross_entropy ||
        op == Op::recurrent)
      return no(why, fmt::format("node {} is a {}, which no model has", id, to_string(op)));
    const auto* scan = std::get_if<ScanAttributes>(&graph.node(id).attributes);
    if (scan && !is_model(*scan->body.graph, why)) return false;
  }
  return true;
}

}  // namespace coil
