#include "compiler/passes/staying_products.hpp"

#include <set>

#include "compiler/graph/ops/quantizing.hpp"
#include "compiler/graph/staying.hpp"

namespace coil {

StayingProducts::StayingProducts(const Graph& graph) : graph_(graph), stays_(find_staying(graph)) {}

bool StayingProducts::has(NodeId id) const {
  const Node& node = graph_.node(id);
  if (node.op != Op::matmul || node.attributes != Attributes(MatmulAttributes{})) return false;
  const Value left = node.operands[0], right = node.operands[1];
  return graph_.type(left).element == Element::real && stays_[right.node] && !stays_[left.node] &&
         graph_.type(right).shape.dims[0] <= largest_int8_rows;
}

std::vector<std::string> StayingProducts::leaves_under(NodeId id) const {
  std::set<std::string> names;
  std::set<NodeId> seen;
  std::vector<NodeId> left{graph_.node(id).operands[1].node};
  while (!left.empty()) {
    const NodeId next = left.back();
    left.pop_back();
    if (!seen.insert(next).second) continue;
    const Node& node = graph_.node(next);
    if (const auto* weight = std::get_if<WeightAttributes>(&node.attributes))
      names.insert(weight->name.text);
    for (const Value operand : node.operands) left.push_back(operand.node);
  }
  return {names.begin(), names.end()};
}

}  // namespace coil
