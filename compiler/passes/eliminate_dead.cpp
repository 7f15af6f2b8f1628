#include "compiler/passes/eliminate_dead.hpp"

#include "compiler/graph/liveness.hpp"
#include "compiler/graph/rewriter.hpp"

namespace coil {
namespace {

Graph swept_body(const ScanAttributes& scan, const Liveness& live);

// The scan with the results and operands that are needed.
void keep_scan(Rewriter& rewriter, NodeId id, const Liveness& live) {
  const Node& node = rewriter.from().node(id);
  const auto& scan = std::get<ScanAttributes>(node.attributes);
  ScanAttributes kept{scan.steps, 0, 0, scan.reverse, {}};
  std::vector<Value> operands;
  for (std::size_t i = 0; i < node.operands.size(); ++i) {
    if (!live.needs_input(i)) continue;
    operands.push_back(rewriter.mapped(node.operands[i]));
    const auto position = static_cast<std::int64_t>(i);
    if (position < scan.sequences)
      ++kept.sequences;
    else if (position < scan.sequences + scan.carries)
      ++kept.carries;
  }
  kept.body = make_body(swept_body(scan, live));
  rewriter.build().at(node.place);
  const NodeId made = rewriter.build().node(Op::scan, std::move(kept), std::move(operands));
  std::uint32_t result = 0;
  for (std::uint32_t i = 0; i < node.types.size(); ++i)
    if (live.needs_output(i)) rewriter.replace({id, i}, {made, result++});
}

void keep_node(Rewriter& rewriter, NodeId id, const Liveness& live) {
  if (rewriter.from().node(id).op == Op::scan)
    keep_scan(rewriter, id, live.body(id));
  else
    rewriter.keep(id);
}

// Inputs that are needed are numbered anew.
Graph swept_body(const ScanAttributes& scan, const Liveness& live) {
  Graph body = *scan.body.graph;
  std::vector<std::int64_t> position;
  for (std::size_t i = 0, next = 0; i < leaves(body, Op::input).size(); ++i)
    position.push_back(static_cast<std::int64_t>(live.needs_input(i) ? next++ : next));
  std::vector<Output> outputs;
  for (std::size_t i = 0; i < body.outputs.size(); ++i)
    if (live.needs_output(i)) outputs.push_back(body.outputs[i]);
  body.outputs = std::move(outputs);
  Rewriter rewriter(body);
  for (NodeId id = 0; id < body.size(); ++id) {
    const Node& node = body.node(id);
    if (node.op != Op::input) {
      if (live.is_live(id)) keep_node(rewriter, id, live);
      continue;
    }
    InputAttributes input = std::get<InputAttributes>(node.attributes);
    const auto old = static_cast<std::size_t>(input.position);
    if (!live.needs_input(old)) continue;
    input.position = position[old];
    rewriter.build().at(node.place);
    rewriter.replace({id, 0}, rewriter.build().leaf(Op::input, std::move(input), node.types[0]));
  }
  return rewriter.finish();
}

// Whether every node stays as it is. A scan may have something to sweep in its body.
bool is_all_live(const Graph& graph, const Liveness& live) {
  for (NodeId id = 0; id < graph.size(); ++id)
    if (graph.node(id).op == Op::scan || (!live.is_live(id) && graph.node(id).op != Op::input))
      return false;
  return true;
}

}  // namespace

Graph eliminate_dead(const Graph& graph) {
  Liveness live(graph);
  for (const Output& output : graph.outputs) live.mark(output.value);
  for (const auto& leaf : output_leaves(graph))
    if (leaf) live.mark({*leaf, 0});
  if (is_all_live(graph, live)) return graph;
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id)
    if (live.is_live(id) || graph.node(id).op == Op::input) keep_node(rewriter, id, live);
  return rewriter.finish();
}

}  // namespace coil
