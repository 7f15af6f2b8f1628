#include "compiler/passes/canonicalise.hpp"

#include <optional>

#include "compiler/graph/hash.hpp"
#include "compiler/graph/rewriter.hpp"

namespace coil {
namespace {

// What stands for a node: a value of the new graph, or nothing where the node is kept as it is.
using Rewrite = std::optional<Value>;

// The node being looked at, with its operands already in the new graph.
struct Site {
  const Node& node;
  std::vector<Value> operands;
  Builder& build;

  const Type& type() const { return node.types[0]; }
  const Node& definition(std::size_t i) const { return build.graph().node(operands[i].node); }
  std::optional<double> number(std::size_t i) const {
    const auto* constant = std::get_if<ConstantAttributes>(&definition(i).attributes);
    return constant ? std::optional(constant->value) : std::nullopt;
  }
  bool is_number(std::size_t i, double value) const { return number(i) == value; }
  // The operand in the node's place, if it has the node's type.
  Rewrite operand_instead(std::size_t i) const {
    return build.type(operands[i]) == type() ? Rewrite(operands[i]) : std::nullopt;
  }
};

// Pattern: f(c, d) -> number. The op's reference function says which.
Rewrite fold_constants(const Site& site) {
  if (site.operands.empty() || site.node.types.size() != 1) return std::nullopt;
  std::vector<Array> values;
  for (std::size_t i = 0; i < site.operands.size(); ++i) {
    const auto number = site.number(i);
    if (!number) return std::nullopt;
    values.push_back({{}, {*number}});
  }
  std::vector<const Array*> operands;
  for (const Array& value : values) operands.push_back(&value);
  Array result{{}, {0}};
  record(site.node.op).evaluate.value(site.node.attributes, operands, {&result, 1});
  return site.build.constant(result.values[0], site.type().shape);
}

// Pattern: x + 0 -> x
Rewrite simplify_add(const Site& site) {
  if (site.is_number(1, 0)) return site.operand_instead(0);
  if (site.is_number(0, 0)) return site.operand_instead(1);
  return std::nullopt;
}

// Pattern: x - 0 -> x, 0 - x -> neg(x), 0 - neg(x) -> x
Rewrite simplify_sub(const Site& site) {
  if (site.is_number(1, 0)) return site.operand_instead(0);
  if (!site.is_number(0, 0) || !site.operand_instead(1)) return std::nullopt;
  if (site.definition(1).op == Op::neg) return site.definition(1).operands[0];
  return site.build.add(Op::neg, {site.operands[1]});
}

// Pattern: x * 1 -> x
Rewrite simplify_mul(const Site& site) {
  if (site.is_number(1, 1)) return site.operand_instead(0);
  if (site.is_number(0, 1)) return site.operand_instead(1);
  return std::nullopt;
}

// Pattern: x / 1 -> x
Rewrite simplify_div(const Site& site) {
  return site.is_number(1, 1) ? site.operand_instead(0) : std::nullopt;
}

// Pattern: neg(neg(x)) -> x
Rewrite simplify_neg(const Site& site) {
  if (site.definition(0).op != Op::neg) return std::nullopt;
  return site.definition(0).operands[0];
}

// Pattern: 0 @ W -> 0
Rewrite simplify_matmul(const Site& site) {
  if (!site.is_number(0, 0)) return std::nullopt;
  return site.build.constant(0, site.type().shape);
}

Rewrite simplify(const Site& site) {
  const Trait trait = record(site.node.op).trait.value;
  if (trait == Trait::elementwise || trait == Trait::commutative)
    if (Rewrite folded = fold_constants(site)) return folded;
  if (site.node.op == Op::add) return simplify_add(site);
  if (site.node.op == Op::sub) return simplify_sub(site);
  if (site.node.op == Op::mul) return simplify_mul(site);
  if (site.node.op == Op::div) return simplify_div(site);
  if (site.node.op == Op::neg) return simplify_neg(site);
  if (site.node.op == Op::matmul) return simplify_matmul(site);
  return std::nullopt;
}

}  // namespace

Graph canonicalise(const Graph& graph) {
  Rewriter rewriter(graph);
  Builder& build = rewriter.build();
  StructuralHashes order;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    build.at(node.place);
    order.extend(build.graph());
    Site site{node, rewriter.mapped(node.operands), build};
    if (Rewrite instead = simplify(site)) {
      rewriter.replace({id, 0}, *instead);
    } else if (record(node.op).trait.value == Trait::commutative &&
               order.of(site.operands[1]) < order.of(site.operands[0])) {
      rewriter.replace({id, 0}, build.add(node.op, {site.operands[1], site.operands[0]}));
    } else {
      rewriter.keep(id);
    }
  }
  return rewriter.finish();
}

}  // namespace coil
