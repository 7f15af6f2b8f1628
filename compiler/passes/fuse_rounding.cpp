#include "compiler/passes/fuse_rounding.hpp"

#include <fmt/format.h>
#include <map>
#include <set>

#include "compiler/graph/rewriter.hpp"

namespace coil {
namespace {

class RoundingFuser {
 public:
  explicit RoundingFuser(const Graph& graph) : graph_(graph), rewriter_(graph) {
    for (const Output& output : graph.outputs) read_.insert(output.value);
    for (const Node& node : graph.nodes())
      for (const Value operand : node.operands)
        (node.op == Op::to_bf16 ? rounded_ : read_).insert(operand);
  }

  Graph run() {
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const Node& node = graph_.node(id);
      rewriter_.build().at(node.place);
      const bool is_rounding = node.op == Op::to_bf16;
      if (node.op == Op::fused_elementwise && gives_rounded(id))
        replace_expression(id);
      else if (is_rounding && given_.contains(node.operands[0]))
        rewriter_.replace({id, 0}, given_.at(node.operands[0]));
      else
        rewriter_.keep(id);
    }
    return rewriter_.finish();
  }

 private:
  bool gives_rounded(NodeId id) const {
    for (std::uint32_t i = 0; i < graph_.node(id).types.size(); ++i)
      if (rounded_.contains({id, i})) return true;
    return false;
  }

  void replace_expression(NodeId id) {
    const Node& node = graph_.node(id);
    Graph body = *std::get<FusedElementwiseAttributes>(node.attributes).body.graph;
    const std::vector<Output> results = std::move(body.outputs);
    body.outputs.clear();
    Builder build(body);
    std::map<Value, std::uint32_t> as_it_is, rounded;  // where the results of this node now stand
    const auto give = [&](Value inner) {
      const auto place = static_cast<std::uint32_t>(body.outputs.size());
      body.outputs.push_back({fmt::format("y{}", place), inner, OutputKind::result});
      return place;
    };
    for (std::uint32_t i = 0; i < results.size(); ++i) {
      const Value result{id, i};
      if (read_.contains(result) || !rounded_.contains(result))
        as_it_is[result] = give(results[i].value);
      if (rounded_.contains(result))
        rounded[result] = give(build.add(Op::to_bf16, {results[i].value}));
    }
    const NodeId fused = rewriter_.build().node(
        Op::fused_elementwise, FusedElementwiseAttributes{make_body(std::move(body))},
        rewriter_.mapped(node.operands));
    for (const auto& [result, place] : as_it_is) rewriter_.replace(result, {fused, place});
    for (const auto& [result, place] : rounded) given_[result] = {fused, place};
  }

  const Graph& graph_;
  Rewriter rewriter_;
  std::set<Value> read_, rounded_;  // values that are read as they are, and by to_bf16
  std::map<Value, Value> given_;    // results to what gives them rounded
};

}  // namespace

Graph fuse_rounding(const Graph& graph) { return RoundingFuser(graph).run(); }

}  // namespace coil
