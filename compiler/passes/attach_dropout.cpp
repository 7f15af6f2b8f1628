#include "compiler/passes/attach_dropout.hpp"

#include <algorithm>

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/attach_loss.hpp"

namespace coil {
namespace {

bool drops_out(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(), [](const Node& node) {
    const auto* scan = std::get_if<ScanAttributes>(&node.attributes);
    return scan ? drops_out(*scan->body.graph)
                : node.op == Op::dropout && node.operands.size() == 1;
  });
}

// The graph, which drops something out, with the two numbers as its last inputs.
Graph with_numbers(const Graph& graph) {
  Rewriter rewriter(graph);
  Builder& build = rewriter.build();
  auto position = static_cast<std::int64_t>(leaves(graph, Op::input).size());
  std::vector<Value> numbers;
  for (const char* name : {seed_name, step_name})
    numbers.push_back(
        build.leaf(Op::input, InputAttributes{{name}, position++, 0}, {Element::real, {}}));
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    const auto* scan = std::get_if<ScanAttributes>(&node.attributes);
    const bool takes =
        scan ? drops_out(*scan->body.graph) : node.op == Op::dropout && node.operands.size() == 1;
    if (!takes) {
      rewriter.keep(id);
      continue;
    }
    Attributes attributes = node.attributes;
    if (scan)
      std::get<ScanAttributes>(attributes).body = make_body(with_numbers(*scan->body.graph));
    std::vector<Value> operands = rewriter.mapped(node.operands);
    operands.insert(operands.end(), numbers.begin(), numbers.end());
    build.at(node.place);
    const NodeId made = build.node(node.op, std::move(attributes), std::move(operands));
    for (std::uint32_t i = 0; i < node.types.size(); ++i) rewriter.replace({id, i}, {made, i});
  }
  return rewriter.finish();
}

}  // namespace

Graph attach_dropout(const Graph& graph) { return drops_out(graph) ? with_numbers(graph) : graph; }

}  // namespace coil
