#include "compiler/graph/use_order.hpp"

namespace coil {
namespace {

struct Frame {
  NodeId node;
  std::size_t next_operand;
};

class Walk {
 public:
  explicit Walk(const Graph& graph) : graph_(graph), placed_(graph.size(), false) {}

  void visit(NodeId root) {
    std::vector<Frame> stack{{root, 0}};
    while (!stack.empty()) {
      Frame& top = stack.back();
      const auto& operands = graph_.node(top.node).operands;
      if (!placed_[top.node] && top.next_operand < operands.size()) {
        const NodeId operand = operands[top.next_operand++].node;
        stack.push_back({operand, 0});
        continue;
      }
      if (!placed_[top.node]) order.push_back(top.node);
      placed_[top.node] = true;
      stack.pop_back();
    }
  }

  std::vector<NodeId> order;

 private:
  const Graph& graph_;
  std::vector<bool> placed_;
};

}  // namespace

std::vector<NodeId> use_order(const Graph& graph) {
  Walk walk(graph);
  const auto leaves_named = output_leaves(graph);
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    walk.visit(graph.outputs[i].value.node);
    if (leaves_named[i]) walk.visit(*leaves_named[i]);
  }
  return walk.order;
}

}  // namespace coil
