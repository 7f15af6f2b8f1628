#include "compiler/passes/sum_by_steps.hpp"

#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/simplifier.hpp"

namespace coil {
namespace {

class StepSums {
 public:
  StepSums(const Graph& graph, const Load& load) : graph_(graph), load_(load), rewriter_(graph) {
    together_.resize(graph.size());
    std::iota(together_.begin(), together_.end(), 0);
    find_stacks();
    weigh();
  }

  Graph run() {
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (is_taken({id, 0})) continue;  // nobody reads it any more
      const Node& node = graph_.node(id);
      if (is_sum(node) && is_taken(node.operands[0])) {
        rewriter_.build().at(node.place);
        rewriter_.replace({id, 0}, sum_of(node));
      } else {
        rewriter_.keep(id);
      }
    }
    return rewriter_.finish();
  }

 private:
  const Node& stack(Value value) const { return graph_.node(value.node); }
  std::size_t steps_of(Value value) const { return stack(value).operands.size(); }
  bool is_stack(Value value) const { return is_stack_[value.node]; }

  // Rows one behind the other, [batch, steps, columns].
  static bool is_of_steps(const Node& node) {
    const auto* concat = std::get_if<ConcatAttributes>(&node.attributes);
    return concat && concat->stack && concat->axis == 1 && node.types[0].shape.rank() == 3 &&
           node.types[0].shape.is_batched() && node.types[0].element == Element::real;
  }

  // Whether the node's result has no rows of its own: every row of the stack is summed.
  bool is_sum(const Node& node) const {
    if (node.operands.empty() || !is_stack(node.operands[0])) return false;
    if (node.op == Op::sum_to) {
      const Shape& to = node.types[0].shape;
      return to.rank() == 1 && !to.is_batched();
    }
    if (node.op == Op::scatter_add) return true;
    return node.attributes == Attributes(MatmulAttributes{true, false}) &&
           is_stack(node.operands[1]) && steps_of(node.operands[0]) == steps_of(node.operands[1]);
  }

  NodeId group_of(Value value) {
    NodeId id = value.node;
    while (together_[id] != id) id = together_[id] = together_[together_[id]];
    return id;
  }

  // Stacks with readers that are no sums are none, and neither are those that products read with them.
  void find_stacks() {
    is_stack_.resize(graph_.size());
    for (NodeId id = 0; id < graph_.size(); ++id) is_stack_[id] = is_of_steps(graph_.node(id));
    for (const Output& output : graph_.outputs) is_stack_[output.value.node] = false;
    for (bool changed = true; changed;) {
      changed = false;
      for (const Node& node : graph_.nodes()) {
        if (is_sum(node)) continue;
        for (const Value operand : node.operands) {
          changed = changed || is_stack(operand);
          is_stack_[operand.node] = false;
        }
      }
    }
    for (const Node& node : graph_.nodes())
      if (is_sum(node) && node.op == Op::matmul)
        together_[group_of(node.operands[0])] = group_of(node.operands[1]);
  }

  // Numbers that are moved: a stack is written and read once; of a sum, all steps but the first read and write it.
  void weigh() {
    if (load_.batch == 0) return;
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const Node& node = graph_.node(id);
      if (is_stack({id, 0}))
        gain_[group_of({id, 0})] += 2 * count(node.types[0].shape, load_.batch);
      if (!is_sum(node)) continue;
      const auto more = static_cast<std::int64_t>(steps_of(node.operands[0])) - 1;
      gain_[group_of(node.operands[0])] -= 2 * more * count(node.types[0].shape, load_.batch);
    }
  }

  bool is_taken(Value value) {
    if (!is_stack(value)) return false;
    const auto gain = gain_.find(group_of(value));
    return gain != gain_.end() && gain->second > 0;
  }

  // Simplified: a recurrence that starts from zeros has a first step that adds nothing.
  Value sum_of(const Node& node) {
    Simplifier simplify(rewriter_.build());
    std::vector<Value> terms;
    for (std::size_t step = 0; step < steps_of(node.operands[0]); ++step) {
      std::vector<Value> operands{rewriter_.mapped(stack(node.operands[0]).operands[step])};
      if (node.op == Op::scatter_add)
        operands.push_back(index_at(node.operands[1], static_cast<std::int64_t>(step)));
      else if (node.op == Op::matmul)
        operands.push_back(rewriter_.mapped(stack(node.operands[1]).operands[step]));
      terms.push_back(simplify.add(node.op, std::move(operands), node.attributes));
    }
    return terms.size() == 1 ? terms[0] : simplify.add(Op::add, std::move(terms));
  }

  Value index_at(Value index, std::int64_t step) {
    return rewriter_.build().add(Op::slice, {rewriter_.mapped(index)},
                                 SliceAttributes{1, step, 1, true});
  }

  const Graph& graph_;
  const Load& load_;
  Rewriter rewriter_;
  std::vector<bool> is_stack_;    // by node
  std::vector<NodeId> together_;  // by node, towards one of the stacks that products read with it
  std::map<NodeId, std::int64_t> gain_;
};

}  // namespace

Graph sum_by_steps(const Graph& graph, const Load& load) { return StepSums(graph, load).run(); }

}  // namespace coil
