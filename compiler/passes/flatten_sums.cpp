#include "compiler/passes/flatten_sums.hpp"

#include <map>

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/in_bodies.hpp"
#include "compiler/passes/simplifier.hpp"

namespace coil {
namespace {

// The operands of `op`, those of inner nodes of the same op in their place.
std::vector<Value> open(Simplifier& simplify, Op op, const std::vector<Value>& operands) {
  std::vector<Value> opened;
  for (const Value operand : operands) {
    const Node& node = simplify.node(operand);
    if (node.op == op)
      opened.insert(opened.end(), node.operands.begin(), node.operands.end());
    else
      opened.push_back(operand);
  }
  return opened.size() <= most_flat_terms ? opened : operands;
}

Value sum(Simplifier& simplify, std::vector<Value> terms);

// Terms that are products by one weight become one term.
bool factor(Simplifier& simplify, std::vector<Value>& terms) {
  for (std::size_t i = 0; i < terms.size(); ++i)
    for (std::size_t j = i + 1; j < terms.size(); ++j) {
      const Node a = simplify.node(terms[i]), b = simplify.node(terms[j]);
      if (a.op != Op::matmul || b.op != Op::matmul || a.attributes != b.attributes) continue;
      if (a.operands[1] != b.operands[1] || a.operands[0] == b.operands[0]) continue;
      if (std::get<MatmulAttributes>(a.attributes).transpose_a) continue;
      if (simplify.type(a.operands[0]) != simplify.type(b.operands[0])) continue;
      const Value left = sum(simplify, {a.operands[0], b.operands[0]});
      terms[i] = simplify.add(Op::matmul, {left, a.operands[1]}, a.attributes);
      terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(j));
      return true;
    }
  return false;
}

// A term and its negation leave a zero of their shape: added in another order than the text's, they would leave
// what rounding leaves.
void cancel(Simplifier& simplify, std::vector<Value>& terms) {
  std::multimap<Value, std::size_t> place;
  for (std::size_t i = 0; i < terms.size(); ++i) place.emplace(terms[i], i);
  std::vector<bool> is_gone(terms.size(), false);
  std::vector<Value> kept;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Node& node = simplify.node(terms[i]);
    const auto other = node.op == Op::neg ? place.find(node.operands[0]) : place.end();
    if (other == place.end()) continue;
    is_gone[i] = is_gone[other->second] = true;
    place.erase(other);
    kept.push_back(simplify.constant(0, Shape(simplify.type(terms[i]).shape)));
  }
  for (std::size_t i = 0; i < terms.size(); ++i)
    if (!is_gone[i]) kept.push_back(terms[i]);
  terms = std::move(kept);
}

Value sum(Simplifier& simplify, std::vector<Value> terms) {
  terms = open(simplify, Op::add, terms);
  cancel(simplify, terms);
  while (factor(simplify, terms)) {
  }
  return terms.size() == 1 ? terms[0] : simplify.add(Op::add, terms);
}

Value negate(Simplifier& simplify, Value value) {
  const Node inner = simplify.node(value);
  if (inner.op != Op::add) return simplify.add(Op::neg, {value});
  std::vector<Value> terms;
  for (const Value term : inner.operands) terms.push_back(simplify.add(Op::neg, {term}));
  return sum(simplify, terms);
}

}  // namespace

Graph flatten_sums(const Graph& graph) {
  Rewriter rewriter(graph);
  Simplifier simplify(rewriter.build());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    rewriter.build().at(node.place);
    if (is_leaf(node) || node.types.size() != 1 || node.op == Op::scan) {
      rewriter.keep(id, with_body(node, flatten_sums));
      continue;
    }
    const std::vector<Value> operands = rewriter.mapped(node.operands);
    Value value;
    if (node.op == Op::add)
      value = sum(simplify, operands);
    else if (node.op == Op::mul)
      value = simplify.add(Op::mul, open(simplify, Op::mul, operands));
    else if (node.op == Op::neg)
      value = negate(simplify, operands[0]);
    else
      value = simplify.add(node.op, operands, node.attributes);
    rewriter.replace({id, 0}, value);
  }
  return rewriter.finish();
}

}  // namespace coil
