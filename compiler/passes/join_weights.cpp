#include "compiler/passes/join_weights.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/graph/rewriter.hpp"

namespace coil {
namespace {

class WeightJoiner {
 public:
  explicit WeightJoiner(const Graph& graph)
      : from_(graph), rewriter_(graph), uses_(count_uses(graph)) {
    for (NodeId id = 0; id < graph.size(); ++id)
      if (is_of_weights(graph.node(id))) join(id);
  }

  Graph run() {
    for (NodeId id = 0; id < from_.size(); ++id) {
      const auto found = joints_.find(id);
      if (found != joints_.end())
        rewriter_.replace({id, 0}, leaf(id, found->second));
      else if (!gone_.contains(id))
        rewriter_.keep(id);
    }
    return rewriter_.finish();
  }

 private:
  // Each used here, and once.
  bool is_of_weights(const Node& node) const {
    const auto* concat = std::get_if<ConcatAttributes>(&node.attributes);
    return concat && !concat->stack && std::ranges::all_of(node.operands, [&](Value part) {
             const Node& leaf = from_.node(part.node);
             return leaf.op == Op::weight && !joint_of(leaf) && uses_[part.node] == 1;
           });
  }

  void join(NodeId id) {
    const Node& node = from_.node(id);
    Joint joint{std::get<ConcatAttributes>(node.attributes).axis, {}};
    for (const Value part : node.operands) {
      const std::int64_t size = from_.type(part).shape.dims[static_cast<std::size_t>(joint.axis)];
      joint.parts.push_back({std::string(leaf_name(from_.node(part.node))), size});
      gone_.insert(part.node);
    }
    joints_.emplace(id, std::move(joint));
  }

  Value leaf(NodeId concat, const Joint& joint) {
    WeightAttributes weight;
    for (const Joint::Part& part : joint.parts)
      weight.name.text += (weight.name.text.empty() ? "" : " | ") + part.name;
    weight.joint = joint;
    rewriter_.build().at(from_.node(concat).place);
    return rewriter_.build().leaf(Op::weight, std::move(weight), from_.node(concat).types[0]);
  }

  const Graph& from_;
  Rewriter rewriter_;
  std::vector<std::uint32_t> uses_;  // of each node
  std::map<NodeId, Joint> joints_;
  std::set<NodeId> gone_;  // parts
};

}  // namespace

Graph join_weights(const Graph& graph) { return WeightJoiner(graph).run(); }

}  // namespace coil
