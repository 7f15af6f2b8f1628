#include "compiler/passes/pair_operands.hpp"

#include <algorithm>

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/in_bodies.hpp"

namespace coil {
namespace {

class Pairer {
 public:
  explicit Pairer(const Graph& graph) : from_(graph), rewriter_(graph), uses_(count_uses(graph)) {}

  Graph run() {
    for (NodeId id = 0; id < from_.size(); ++id) {
      const Node& node = from_.node(id);
      rewriter_.build().at(node.place);
      if (node.op == Op::add)
        rewriter_.replace({id, 0}, sum(node));
      else if (node.op == Op::mul && node.operands.size() > 2)
        rewriter_.replace({id, 0}, product(node));
      else
        rewriter_.keep(id);
    }
    return rewriter_.finish();
  }

 private:
  // x where the operand is -x and nobody else wants it; null where it is not.
  const Value* negated(Value operand) const {
    const Node& node = from_.node(operand.node);
    return node.op == Op::neg && uses_[operand.node] == 1 ? &node.operands[0] : nullptr;
  }

  Value sum(const Node& node) {
    std::vector<Value> terms = node.operands;
    const auto plain = [&](Value term) { return !negated(term); };
    const auto first = std::ranges::find_if(terms, plain);
    if (first == terms.end()) return all_negated(terms);
    std::rotate(terms.begin(), first, first + 1);
    Value total = rewriter_.mapped(terms[0]);
    for (std::size_t i = 1; i < terms.size(); ++i) {
      const Value* inner = negated(terms[i]);
      total = rewriter_.build().add(inner ? Op::sub : Op::add,
                                    {total, rewriter_.mapped(inner ? *inner : terms[i])});
    }
    return total;
  }

  Value all_negated(const std::vector<Value>& terms) {
    Value total = rewriter_.mapped(*negated(terms[0]));
    for (std::size_t i = 1; i < terms.size(); ++i)
      total = rewriter_.build().add(Op::add, {total, rewriter_.mapped(*negated(terms[i]))});
    return rewriter_.build().add(Op::neg, {total});
  }

  Value product(const Node& node) {
    Value total = rewriter_.mapped(node.operands[0]);
    for (std::size_t i = 1; i < node.operands.size(); ++i)
      total = rewriter_.build().add(Op::mul, {total, rewriter_.mapped(node.operands[i])});
    return total;
  }

  const Graph& from_;
  Rewriter rewriter_;
  std::vector<std::uint32_t> uses_;
};

}  // namespace

Graph pair_operands(const Graph& graph) { return Pairer(graph).run(); }

}  // namespace coil
