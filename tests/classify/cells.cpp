#include "tests/classify/cells.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace coil::test {
namespace {

constexpr std::int64_t units = 4, width = 3, steps = 8;

}  // namespace

// The step's inputs by position: sequences, then x itself, carries, and W, U, c of each gate.
CellSketch::CellSketch(std::size_t gates, std::size_t carries, Rng* rng) : rng_(rng) {
  const Shape row{{units}}, state{{batch_dim, units}};
  for (std::size_t g = 0; g < gates; ++g) elements_.push_back(step_.input(state));
  raw_ = step_.input({{batch_dim, width}});
  for (std::size_t i = 0; i < carries; ++i) carries_.push_back(step_.input(state));
  for (std::size_t g = 0; g < gates; ++g) {
    kernels_.push_back(step_.input({{width, units}}));
    recurrent_.push_back(step_.input({{units, units}}));
    rows_.push_back(step_.input(row));
  }
}

Value CellSketch::chain(Op op, std::vector<Value> parts) {
  if (rng_ && rng_->coin()) return step_.add(op, std::move(parts));
  while (parts.size() > 1) {
    const std::size_t last = parts.size() - 1;
    if (rng_) std::swap(parts[static_cast<std::size_t>(rng_->between(0, last))], parts[last]);
    std::vector<Value> pair = {parts[last - 1], parts[last]};
    if (rng_ && rng_->coin()) std::swap(pair[0], pair[1]);
    parts.pop_back();
    parts.back() = step_.add(op, pair);
  }
  return parts[0];
}

Graph CellSketch::scan(const std::vector<Value>& next, const std::vector<Value>& yields) {
  for (const Value value : next) step_.output(value);
  for (const Value value : yields) step_.output(value);
  Sketch outer("cell");
  const Value sequence = outer.input({{batch_dim, steps, width}}, "x");
  std::vector<Value> operands, captures;
  for (std::size_t g = 0; g < elements_.size(); ++g) {
    const Value kernel = outer.weight({{width, units}}, fmt::format("W{}", g));
    const Value product = outer.add(Op::matmul, {sequence, kernel}, MatmulAttributes{});
    operands.push_back(
        outer.add(Op::add, {product, outer.weight({{units}}, fmt::format("b{}", g))}));
    captures.push_back(kernel);
    captures.push_back(outer.weight({{units, units}}, fmt::format("U{}", g)));
    captures.push_back(outer.weight({{units}}, fmt::format("c{}", g)));
  }
  operands.push_back(sequence);
  for (std::size_t i = 0; i < carries_.size(); ++i)
    operands.push_back(outer.build.constant(0, {{batch_dim, units}}));
  operands.insert(operands.end(), captures.begin(), captures.end());
  const ScanAttributes attributes{steps, static_cast<std::int64_t>(elements_.size()) + 1,
                                  static_cast<std::int64_t>(carries_.size()), false,
                                  make_body(step_.finish())};
  const NodeId node = outer.build.node(Op::scan, attributes, operands);
  const std::size_t results = next.size() + yields.size();
  for (std::size_t r = 0; r < results; ++r) outer.output({node, static_cast<std::uint32_t>(r)});
  return outer.finish();
}

NodeId scan_in(const Graph& graph) { return leaves(graph, Op::scan).at(0); }

Value leaf(const Graph& graph, std::string_view name) {
  for (NodeId id = 0; id < graph.size(); ++id)
    if (leaf_name(graph.node(id)) == name) return {id, 0};
  throw std::out_of_range(std::string(name));
}

Graph lstm(const Roles& roles, Rng* rng, Op gate, Op a) {
  CellSketch k(4, 2, rng);
  const Value h = k.carry(roles.h), s = k.carry(roles.s);
  const Value i = k.f(gate, k.affine(roles.i, h)), f = k.f(gate, k.affine(roles.f, h));
  const Value g = k.f(a, k.affine(roles.g, h)), o = k.f(gate, k.affine(roles.o, h));
  std::vector<Value> next(2);
  next[roles.s] = k.sum({k.product({f, s}), k.product({i, g})});
  next[roles.h] = k.product({o, k.f(a, next[roles.s])});
  return k.scan(next, {next[roles.h]});
}

Graph gru(const Roles& roles, Rng* rng) {
  CellSketch k(3, 1, rng);
  const Value h = k.carry(0);
  const Value z = k.f(Op::sigmoid, k.affine(roles.z, h));
  const Value r = k.f(Op::sigmoid, k.affine(roles.r, h));
  const Value n = k.f(Op::tanh, k.affine(roles.n, k.product({r, h})));
  const Value next = k.sum({k.product({z, h}), k.product({k.one_minus(z), n})});
  return k.scan({next}, {next});
}

Graph gru_reset_after(const Roles& roles, Rng* rng) {
  CellSketch k(3, 1, rng);
  const Value h = k.carry(0);
  const auto gate = [&](std::size_t role) {
    return k.f(Op::sigmoid, k.sum({k.x(role), k.matmul(h, k.U(role)), k.c(role)}));
  };
  const Value z = gate(roles.z), r = gate(roles.r);
  const Value inner = k.sum({k.matmul(h, k.U(roles.n)), k.c(roles.n)});
  const Value n = k.f(Op::tanh, k.sum({k.x(roles.n), k.product({r, inner})}));
  const Value next = k.sum({k.product({z, h}), k.product({k.one_minus(z), n})});
  return k.scan({next}, {next});
}

}  // namespace coil::test
