#include "compiler/passes/unroll.hpp"

#include <algorithm>

#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/rewriter.hpp"
#include "compiler/source/run_error.hpp"

namespace coil {
namespace {

// Nodes of the graph with its scans written out, or `most_unrolled_nodes` + 1 where they are more.
std::size_t unrolled_size(const Graph& graph) {
  std::size_t total = graph.size();
  for (const Node& node : graph.nodes()) {
    const auto* scan = std::get_if<ScanAttributes>(&node.attributes);
    if (!scan) continue;
    const auto steps = static_cast<std::size_t>(scan->steps);
    // An element of each sequence, and the body.
    const std::size_t step = node.operands.size() + unrolled_size(*scan->body.graph);
    if (steps > most_unrolled_nodes || step > most_unrolled_nodes) return most_unrolled_nodes + 1;
    total += steps * step;
    if (total > most_unrolled_nodes) return most_unrolled_nodes + 1;
  }
  return total;
}

class Unroller {
 public:
  explicit Unroller(Builder& build) : build_(build) {}

  // The results of the node over these operands, its scans written out.
  std::vector<Value> place(const Node& node, const std::vector<Value>& operands) {
    if (node.op == Op::scan) return run(node, operands);
    build_.at(node.place);
    if (const auto* slice = std::get_if<SliceAttributes>(&node.attributes))
      return {element(operands[0], *slice)};
    const NodeId id = build_.node(node.op, node.attributes, operands);
    std::vector<Value> results;
    for (std::uint32_t i = 0; i < node.types.size(); ++i) results.push_back({id, i});
    return results;
  }

 private:
  std::vector<Value> run(const Node& node, const std::vector<Value>& operands) {
    const auto& scan = std::get<ScanAttributes>(node.attributes);
    const auto sequences = static_cast<std::ptrdiff_t>(scan.sequences);
    const auto carries = static_cast<std::size_t>(scan.carries);
    const Graph& body = *scan.body.graph;
    std::vector<Value> given = operands;
    std::vector<std::vector<Value>> yields(body.outputs.size() - carries);
    for (auto& row : yields) row.resize(static_cast<std::size_t>(scan.steps));
    for (std::int64_t i = 0; i < scan.steps; ++i) {
      const std::int64_t step = scan.reverse ? scan.steps - 1 - i : i;
      build_.at(node.place);
      for (std::size_t s = 0; s < static_cast<std::size_t>(sequences); ++s)
        given[s] = element(operands[s], {1, step, 1, true});
      const std::vector<Value> results = run_step(body, given);
      std::copy_n(results.begin(), carries, given.begin() + sequences);
      for (std::size_t y = 0; y < yields.size(); ++y)
        yields[y][static_cast<std::size_t>(step)] = results[carries + y];
    }
    std::vector<Value> results(given.begin() + sequences,
                               given.begin() + sequences + static_cast<std::ptrdiff_t>(carries));
    build_.at(node.place);
    for (auto& row : yields)
      results.push_back(build_.add(Op::concat, std::move(row), ConcatAttributes{1, true}));
    return results;
  }

  std::vector<Value> run_step(const Graph& body, const std::vector<Value>& given) {
    std::vector<std::vector<Value>> placed(body.size());
    for (NodeId id = 0; id < body.size(); ++id) {
      const Node& node = body.node(id);
      if (const auto* input = std::get_if<InputAttributes>(&node.attributes)) {
        placed[id] = {given[static_cast<std::size_t>(input->position)]};
      } else if (is_leaf(node)) {
        placed[id] = {build_.leaf(node.op, node.attributes, node.types[0])};
      } else {
        std::vector<Value> operands;
        for (const Value operand : node.operands)
          operands.push_back(placed[operand.node][operand.result]);
        placed[id] = place(node, operands);
      }
    }
    std::vector<Value> results;
    for (const Output& output : body.outputs)
      results.push_back(placed[output.value.node][output.value.result]);
    return results;
  }

  // A slice of a value, looked for in what it was put together from.
  Value element(Value whole, SliceAttributes slice) {
    for (;;) {
      const Node& node = build_.graph().node(whole.node);
      const auto* concat = std::get_if<ConcatAttributes>(&node.attributes);
      if (!concat || concat->axis != slice.axis) break;
      if (concat->stack) {
        if (!slice.drop) break;
        return node.operands[static_cast<std::size_t>(slice.begin)];
      }
      const auto part = part_that_holds(node, slice);
      if (!part) break;
      whole = *part;
    }
    Shape shape = build_.type(whole).shape;
    const auto axis = static_cast<std::size_t>(slice.axis);
    if (!slice.drop && shape.dims[axis] == slice.size) return whole;
    const auto* constant =
        std::get_if<ConstantAttributes>(&build_.graph().node(whole.node).attributes);
    if (!constant) return build_.add(Op::slice, {whole}, slice);
    shape.dims[axis] = slice.size;
    if (slice.drop) shape.dims.erase(shape.dims.begin() + slice.axis);
    return build_.constant(constant->value, shape);
  }

  // The operand of a concat that holds all of the slice, which then counts from that operand's begin.
  std::optional<Value> part_that_holds(const Node& concat, SliceAttributes& slice) const {
    std::int64_t begin = 0;
    for (const Value operand : concat.operands) {
      const std::int64_t size =
          build_.type(operand).shape.dims[static_cast<std::size_t>(slice.axis)];
      if (slice.begin >= begin && slice.begin + slice.size <= begin + size) {
        slice.begin -= begin;
        return operand;
      }
      begin += size;
    }
    return std::nullopt;
  }

  Builder& build_;
};

}  // namespace

Graph unroll(const Graph& graph) {
  if (unrolled_size(graph) > most_unrolled_nodes)
    fail(ExitCode::usage, "{} unrolls to more than {} nodes; use fewer steps", graph.name,
         most_unrolled_nodes);
  Rewriter rewriter(graph);
  Unroller unroller(rewriter.build());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (node.op != Op::scan && node.op != Op::slice) {
      rewriter.keep(id);
      continue;
    }
    const auto results = unroller.place(node, rewriter.mapped(node.operands));
    for (std::uint32_t i = 0; i < results.size(); ++i) rewriter.replace({id, i}, results[i]);
  }
  return rewriter.finish();
}

}  // namespace coil
