#include "compiler/passes/record_scans.hpp"

#include <fmt/format.h>
#include <set>

#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/rewriter.hpp"

namespace coil {
namespace {

// Whether all steps' values of this type are a value.
bool is_recorded(const Type& type, std::int64_t steps) {
  if (type.element != Element::real || !type.shape.is_batched()) return false;
  return !why_invalid(shape_of_sequence(type.shape, steps));
}

bool is_carried(const Node& node, const ScanAttributes& scan) {
  const auto* input = std::get_if<InputAttributes>(&node.attributes);
  return input && input->position >= scan.sequences &&
         input->position < scan.sequences + scan.carries;
}

Graph recorded_body(const ScanAttributes& scan) {
  Graph body = record_scans(*scan.body.graph);
  std::set<Value> yielded;
  std::set<std::string> names;
  for (std::size_t i = 0; i < body.outputs.size(); ++i) {
    if (i >= static_cast<std::size_t>(scan.carries)) yielded.insert(body.outputs[i].value);
    names.insert(body.outputs[i].name);
  }
  for (NodeId id = 0; id < body.size(); ++id) {
    const Node& node = body.node(id);
    if (is_leaf(node) && !is_carried(node, scan)) continue;
    for (std::uint32_t i = 0; i < node.types.size(); ++i) {
      if (!is_recorded(node.types[i], scan.steps) || !yielded.insert({id, i}).second) continue;
      std::string name = fmt::format("recorded.{}.{}", id, i);
      while (!names.insert(name).second) name += "_";
      body.outputs.push_back({std::move(name), {id, i}, OutputKind::result});
    }
  }
  return body;
}

}  // namespace

Graph record_scans(const Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (node.op != Op::scan) {
      rewriter.keep(id);
      continue;
    }
    ScanAttributes scan = std::get<ScanAttributes>(node.attributes);
    scan.body = make_body(recorded_body(scan));
    rewriter.build().at(node.place);
    const NodeId recorded =
        rewriter.build().node(Op::scan, std::move(scan), rewriter.mapped(node.operands));
    for (std::uint32_t i = 0; i < node.types.size(); ++i) rewriter.replace({id, i}, {recorded, i});
  }
  return rewriter.finish();
}

}  // namespace coil
