#include "compiler/passes/simplifier.hpp"

namespace coil {
namespace {

// Pattern: 0 @ W -> 0
Rewrite multiply_zeros(const Site& site) {
  if (!site.is_number(0, 0)) return std::nullopt;
  return site.to.constant(0, site.type.shape);
}

// Pattern: concat(x, h) @ V -> x @ V[0 : x, :] + h @ V[x : x + h, :]
Rewrite multiply_concat(const Site& site) {
  const auto& m = std::get<MatmulAttributes>(site.attributes);
  const auto* joined = std::get_if<ConcatAttributes>(&site.node(0).attributes);
  if (!joined || joined->stack || m.transpose_a) return std::nullopt;
  const auto last = static_cast<std::int64_t>(site.operand_type(0).shape.rank()) - 1;
  if (joined->axis != last) return std::nullopt;
  const std::vector<Value> parts = site.node(0).operands;
  const Value matrix = site.operands[1];
  std::vector<Value> terms;
  std::int64_t at = 0;
  for (const Value part : parts) {
    const std::int64_t size = site.to.type(part).shape.last();
    const Value rows =
        site.to.add(Op::slice, {matrix}, SliceAttributes{m.transpose_b ? 1 : 0, at, size, false});
    terms.push_back(site.to.add(Op::matmul, {part, rows}, m));
    at += size;
  }
  return terms.size() == 1 ? terms[0] : site.to.add(Op::add, terms);
}

bool have_one_matrix(const Site& site, std::size_t i, std::size_t j) {
  const Node &a = site.node(i), &b = site.node(j);
  const auto* m = std::get_if<MatmulAttributes>(&a.attributes);
  return m && !m->transpose_a && a.attributes == b.attributes && a.operands[1] == b.operands[1] &&
         a.operands[0] != b.operands[0] &&
         site.to.type(a.operands[0]) == site.to.type(b.operands[0]);
}

// Pattern: x @ W + h @ W -> (x + h) @ W
Rewrite factor_products(const Site& site) {
  for (std::size_t i = 0; i < site.operands.size(); ++i)
    for (std::size_t j = i + 1; j < site.operands.size(); ++j) {
      if (!have_one_matrix(site, i, j)) continue;
      const Value x = site.node(i).operands[0], h = site.node(j).operands[0];
      const Value matrix = site.node(i).operands[1];
      const Attributes attributes = site.node(i).attributes;
      const Value product =
          site.to.add(Op::matmul, {site.to.add(Op::add, {x, h}), matrix}, attributes);
      if (site.operands.size() == 2) return product;
      std::vector<Value> terms{product};
      for (std::size_t k = 0; k < site.operands.size(); ++k)
        if (k != i && k != j) terms.push_back(site.operands[k]);
      return site.to.add(Op::add, terms);
    }
  return std::nullopt;
}

}  // namespace

Rewrite rewrite_product(const Site& site) {
  if (site.op == Op::add) return factor_products(site);
  if (site.op != Op::matmul) return std::nullopt;
  if (Rewrite zeros = multiply_zeros(site)) return zeros;
  return multiply_concat(site);
}

}  // namespace coil
