#pragma once

// Scans written out by hand: a row of gates, each with all that it may use, and a step made of them.

#include "tests/support/rng.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {

// Of the outer graph, for gate g: sequence `x @ W<g> + b<g>`, recurrent kernel `U<g>`, row `c<g>`. A test
// writes the step in terms of them; sums and products are bracketed and ordered at random where it says so.
class CellSketch {
 public:
  explicit CellSketch(std::size_t gates, std::size_t carries, Rng* rng = nullptr);

  // In the step.
  Value x(std::size_t gate) const { return elements_[gate]; }
  Value raw() const { return raw_; }
  Value W(std::size_t gate) const { return kernels_[gate]; }
  Value U(std::size_t gate) const { return recurrent_[gate]; }
  Value c(std::size_t gate) const { return rows_[gate]; }
  Value carry(std::size_t i) const { return carries_[i]; }

  Value f(Op op, Value value) { return step_.add(op, {value}); }
  Value sum(std::vector<Value> terms) { return chain(Op::add, std::move(terms)); }
  Value product(std::vector<Value> factors) { return chain(Op::mul, std::move(factors)); }
  Value matmul(Value a, Value b) { return step_.add(Op::matmul, {a, b}, MatmulAttributes{}); }
  Value one() { return step_.build.constant(1); }
  Value one_minus(Value value) { return sum({one(), f(Op::neg, value)}); }
  // x + carry @ U
  Value affine(std::size_t gate, Value carried) { return sum({x(gate), matmul(carried, U(gate))}); }

  // The whole graph; the scan gives the last values and then the sequences of `yields`.
  Graph scan(const std::vector<Value>& next, const std::vector<Value>& yields = {});

 private:
  Value chain(Op op, std::vector<Value> parts);

  Rng* rng_;
  Sketch step_{"step"};
  std::vector<Value> elements_, carries_, kernels_, recurrent_, rows_;
  Value raw_;
};

NodeId scan_in(const Graph& graph);
// The leaf of that name.
Value leaf(const Graph& graph, std::string_view name);

// Which gates and which carries of the sketch have which role; the others are as in classify.hpp.
struct Roles {
  std::size_t i = 0, f = 1, g = 2, o = 3;
  std::size_t z = 0, r = 1, n = 2;
  std::size_t h = 0, s = 1;
};
Graph lstm(const Roles& roles = {}, Rng* rng = nullptr, Op gate = Op::sigmoid, Op a = Op::tanh);
Graph gru(const Roles& roles = {}, Rng* rng = nullptr);
Graph gru_reset_after(const Roles& roles = {}, Rng* rng = nullptr);

}  // namespace coil::test
