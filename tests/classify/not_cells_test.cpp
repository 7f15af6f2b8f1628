// What looks like a cell and is none.

#include <catch2/catch.hpp>

#include "compiler/classify/classify.hpp"

#include "tests/classify/cells.hpp"

namespace coil::test {
namespace {

CellKind kind(const Graph& graph) { return classify(graph, scan_in(graph)).kind; }

// An LSTM with one thing wrong.
enum class Wrong {
  nothing,
  forget_on_candidate,  // f * g + i * s: the roles change, and it still is an LSTM
  carry_ungated,        // s' = s + i * g
  candidate_ungated,    // s' = f * s + g
  output_of_old_state,  // h' = o * tanh(s)
  output_without_tanh,  // h' = o * s'
  gates_see_s,          // f looks at s
  output_gate_sees_s,   // o looks at s'
  one_gate_without_h,   // i = sigmoid(x)
  one_gate_other_f,     // i = hard_sigmoid(..)
  candidate_relu,       // g = relu(..), tanh(s')
  forget_of_h,          // s' = f * h + i * g
  product_of_three,     // s' = f * s * o + i * g
  peephole,             // i = sigmoid(x + h @ U + s)
  doubled,              // s' = f * s + i * g + i * g
  subtracted,           // s' = f * s - i * g
};

Graph lstm_but(Wrong wrong) {
  CellSketch k(4, 2);
  const Value h = k.carry(0), s = k.carry(1);
  std::vector<Value> gates;
  for (std::size_t j = 0; j < 4; ++j) {
    std::vector<Value> terms = {k.x(j), k.matmul(h, k.U(j))};
    if (j == 0 && wrong == Wrong::one_gate_without_h) terms.pop_back();
    if (j == 1 && wrong == Wrong::gates_see_s) terms[1] = k.matmul(s, k.U(j));
    if (j == 0 && wrong == Wrong::peephole) terms.push_back(s);
    const bool other = j == 0 && wrong == Wrong::one_gate_other_f;
    const Op a = wrong == Wrong::candidate_relu ? Op::relu : Op::tanh;
    gates.push_back(k.f(j == 2 ? a : other ? Op::hard_sigmoid : Op::sigmoid, k.sum(terms)));
  }
  const auto [i, f, g, o] = std::tie(gates[0], gates[1], gates[2], gates[3]);
  std::vector<Value> terms = {k.product({f, s}), k.product({i, g})};
  if (wrong == Wrong::forget_on_candidate) terms = {k.product({f, g}), k.product({i, s})};
  if (wrong == Wrong::carry_ungated) terms[0] = s;
  if (wrong == Wrong::candidate_ungated) terms[1] = g;
  if (wrong == Wrong::forget_of_h) terms[0] = k.product({f, h});
  if (wrong == Wrong::product_of_three) terms[0] = k.product({f, s, o});
  if (wrong == Wrong::doubled) terms.push_back(terms[1]);
  if (wrong == Wrong::subtracted) terms[1] = k.f(Op::neg, terms[1]);
  const Value next = k.sum(terms);
  const Value seen = wrong == Wrong::output_of_old_state ? s : next;
  const Value out = wrong == Wrong::output_without_tanh ? seen : k.f(Op::tanh, seen);
  const Value last = wrong == Wrong::output_gate_sees_s
                         ? k.f(Op::sigmoid, k.sum({k.x(3), k.matmul(next, k.U(3))}))
                         : o;
  return k.scan({k.product({last, out}), next});
}

enum class WrongGru {
  nothing,
  complemented,  // (1 - z) * h + z * n
  other_gate,    // z * h + (1 - r) * n
  two_minus,     // z * h + (2 - z) * n
  plus,          // z * h + (1 + z) * n
  no_reset,      // n does not see r * h
  reset_of_x,    // n = tanh(r * x + h @ U)
  old_h_twice,   // n = tanh(x + (r * h) @ U + h @ U)
  input_reset,   // n = tanh(r * (x + h @ U)), reset after
};

Graph gru_but(WrongGru wrong) {
  CellSketch k(3, 1);
  const Value h = k.carry(0);
  const Value z = k.f(Op::sigmoid, k.affine(0, h)), r = k.f(Op::sigmoid, k.affine(1, h));
  Value inner = k.affine(2, k.product({r, h}));
  if (wrong == WrongGru::no_reset) inner = k.affine(2, h);
  if (wrong == WrongGru::reset_of_x) inner = k.sum({k.product({r, k.x(2)}), k.matmul(h, k.U(2))});
  if (wrong == WrongGru::old_h_twice) inner = k.sum({inner, k.matmul(h, k.U(2))});
  if (wrong == WrongGru::input_reset) inner = k.product({r, k.affine(2, h)});
  const Value n = k.f(Op::tanh, inner);
  Value rest = k.one_minus(wrong == WrongGru::other_gate ? r : z);
  if (wrong == WrongGru::plus) rest = k.sum({k.one(), z});
  if (wrong == WrongGru::two_minus) rest = k.sum({k.one(), k.one(), k.f(Op::neg, z)});
  if (wrong == WrongGru::complemented)
    return k.scan({k.sum({k.product({rest, h}), k.product({z, n})})});
  return k.scan({k.sum({k.product({z, h}), k.product({rest, n})})});
}

}  // namespace

TEST_CASE("an LSTM with one thing wrong is none") {
  REQUIRE(kind(lstm_but(Wrong::nothing)) == CellKind::lstm);
  for (int wrong = static_cast<int>(Wrong::carry_ungated);
       wrong <= static_cast<int>(Wrong::subtracted); ++wrong) {
    INFO("mistake " << wrong);
    CHECK(kind(lstm_but(static_cast<Wrong>(wrong))) == CellKind::custom);
  }
}

TEST_CASE("input and forget gate exchanged are an LSTM with exchanged roles") {
  const Graph graph = lstm_but(Wrong::forget_on_candidate);
  const Cell cell = classify(graph, scan_in(graph));
  REQUIRE(cell.kind == CellKind::lstm);
  CHECK(cell.gates[0].kernel == leaf(graph, "W1"));
  CHECK(cell.gates[1].kernel == leaf(graph, "W0"));
}

TEST_CASE("a GRU with one thing wrong is none") {
  REQUIRE(kind(gru_but(WrongGru::nothing)) == CellKind::gru);
  for (int wrong = static_cast<int>(WrongGru::complemented);
       wrong <= static_cast<int>(WrongGru::input_reset); ++wrong) {
    INFO("mistake " << wrong);
    CHECK(kind(gru_but(static_cast<WrongGru>(wrong))) == CellKind::custom);
  }
}

TEST_CASE("a vanilla cell with one thing wrong is none") {
  const auto with = [](auto&& make) {
    CellSketch k(2, 1);
    return kind(k.scan({make(k, k.carry(0))}));
  };
  using K = CellSketch;
  CHECK(with([](K& k, Value h) { return k.f(Op::tanh, k.affine(0, h)); }) == CellKind::vanilla);
  CHECK(with([](K& k, Value h) { return k.f(Op::tanh, k.sum({k.x(0), h})); }) == CellKind::custom);
  CHECK(with([](K& k, Value h) {
          return k.sum({h, k.f(Op::tanh, k.affine(0, h))});
        }) == CellKind::custom);
  CHECK(with([](K& k, Value h) {
          return k.f(Op::tanh, k.sum({k.affine(0, h), h}));
        }) == CellKind::custom);
  CHECK(with([](K& k, Value h) {
          return k.f(Op::tanh, k.sum({k.affine(0, h), k.matmul(h, k.U(1))}));
        }) == CellKind::custom);
  CHECK(with([](K& k, Value h) { return k.f(Op::tanh, k.f(Op::neg, k.affine(0, h))); }) ==
        CellKind::custom);
  CHECK(with([](K& k, Value h) {
          return k.f(Op::tanh, k.sum({k.affine(0, h), k.one()}));
        }) == CellKind::custom);
  CHECK(with([](K& k, Value h) { return k.f(Op::tanh, k.f(Op::tanh, k.affine(0, h))); }) ==
        CellKind::custom);
  CHECK(with([](K& k, Value h) {
          return k.f(Op::tanh, k.affine(0, k.product({h, k.x(1)})));
        }) == CellKind::custom);
}

TEST_CASE("carried values beyond those of a cell make it custom") {
  CellSketch k(1, 2);
  const Value next = k.f(Op::tanh, k.affine(0, k.carry(0)));
  CHECK(kind(k.scan({next, k.sum({k.carry(1), next})})) == CellKind::custom);
}

TEST_CASE("a row or a number where a whole value belongs makes it custom") {
  Sketch body("step"), outer("cell");
  const Shape state{{batch_dim, 4}};
  const Value x = body.input({{batch_dim, 1}}), h = body.input(state), u = body.input({{4, 4}});
  const Value product = body.add(Op::matmul, {h, u}, MatmulAttributes{});
  body.output(body.add(Op::tanh, {body.add(Op::add, {product, x})}));
  const Value zero = outer.build.constant(0, state);
  const Graph graph = outer.finish(
      outer.add(Op::scan, {outer.input({{batch_dim, 8, 1}}), zero, outer.weight({{4, 4}})},
                ScanAttributes{8, 1, 1, false, make_body(body.finish())}));
  CHECK(kind(graph) == CellKind::custom);
}

TEST_CASE("a sum of thousands of terms, and sums of sums, end soon") {
  CellSketch k(1, 1);
  std::vector<Value> terms;
  for (int i = 0; i < 5000; ++i) terms.push_back(k.f(Op::tanh, k.carry(0)));
  Value many = k.sum(terms);
  for (int i = 0; i < 60; ++i) many = k.sum({many, many});
  CHECK(kind(k.scan({many})) == CellKind::custom);
}

}  // namespace coil::test
