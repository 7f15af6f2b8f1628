#include "compiler/classify/classify.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <numeric>

#include "tests/classify/cells.hpp"

namespace coil::test {
namespace {

Cell classified(const Graph& graph) { return classify(graph, scan_in(graph)); }

std::string described(const Graph& graph) { return describe(classified(graph), graph); }

std::string name(const Graph& graph, Value value) {
  return std::string(leaf_name(graph.node(value.node)));
}

// The number that the kernels of each gate carry in their names; all weights of a gate must agree.
std::vector<std::size_t> sources(const Graph& graph, const Cell& cell) {
  std::vector<std::size_t> found;
  for (const CellGate& gate : cell.gates) {
    REQUIRE(gate.kernel);
    const std::string number = name(graph, *gate.kernel).substr(1);
    CHECK(name(graph, *gate.kernel) == "W" + number);
    CHECK(name(graph, gate.recurrent_kernel) == "U" + number);
    REQUIRE_FALSE(gate.biases.empty());
    CHECK(name(graph, gate.biases[0]) == "b" + number);
    CHECK(name(graph, *gate.sequence) == "x");
    CHECK(gate.projected.size() == 1);
    found.push_back(std::stoul(number));
  }
  return found;
}

std::vector<std::size_t> shuffled(std::size_t count, Rng& rng) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = count; i > 1; --i)
    std::swap(order[i - 1],
              order[static_cast<std::size_t>(rng.between(0, static_cast<std::int64_t>(i) - 1))]);
  return order;
}

constexpr std::uint64_t spellings = 200;

}  // namespace

TEST_CASE("an LSTM, whichever gate and carry comes first and however its sums are written") {
  for (std::uint64_t seed = 0; seed < spellings; ++seed) {
    Rng rng(seed);
    const auto order = shuffled(4, rng), carries = shuffled(2, rng);
    const Roles roles{.i = order[0],
                      .f = order[1],
                      .g = order[2],
                      .o = order[3],
                      .h = carries[0],
                      .s = carries[1]};
    const Graph graph = lstm(roles, &rng);
    const Cell cell = classified(graph);
    INFO("seed " << seed);
    REQUIRE(cell.kind == CellKind::lstm);
    CHECK(sources(graph, cell) == order);
    CHECK(cell.h == carries[0]);
    CHECK(cell.s == carries[1]);
    CHECK(cell.activation == CellFunction::tanh);
    CHECK(cell.recurrent_activation == CellFunction::sigmoid);
    CHECK_FALSE(cell.tied);
    CHECK(cell.yields_h_only);
  }
}

TEST_CASE("a GRU, with reset before and after, however it is written") {
  for (std::uint64_t seed = 0; seed < spellings; ++seed) {
    Rng rng(seed);
    const auto order = shuffled(3, rng);
    const Roles roles{.z = order[0], .r = order[1], .n = order[2]};
    const Graph before = gru(roles, &rng), after = gru_reset_after(roles, &rng);
    INFO("seed " << seed);
    REQUIRE(classified(before).kind == CellKind::gru);
    CHECK(sources(before, classified(before)) == order);
    const Cell cell = classified(after);
    REQUIRE(cell.kind == CellKind::gru_reset_after);
    CHECK(sources(after, cell) == order);
    REQUIRE(cell.gates[2].recurrent_biases.size() == 1);
    CHECK(name(after, cell.gates[2].recurrent_biases[0]) == fmt::format("c{}", order[2]));
    CHECK(cell.gates[0].recurrent_biases.empty());
    CHECK(cell.gates[0].biases.size() == 2);
  }
}

TEST_CASE("functions of cells") {
  CHECK(
      described(lstm({}, nullptr, Op::hard_sigmoid, Op::relu)).find("lstm (hard_sigmoid, relu)") ==
      0);
  CHECK(described(lstm({}, nullptr, Op::sigmoid, Op::sigmoid)).find("lstm (sigmoid, sigmoid)") ==
        0);
  CHECK(described(lstm({}, nullptr, Op::tanh, Op::tanh)) == "custom");
  for (const auto& [op, function] : {std::pair{Op::tanh, "tanh"},
                                     {Op::relu, "relu"},
                                     {Op::sigmoid, "sigmoid"},
                                     {Op::hard_sigmoid, "hard_sigmoid"}}) {
    CellSketch k(1, 1);
    CHECK(described(k.scan({k.f(op, k.affine(0, k.carry(0)))})) ==
          fmt::format("vanilla ({}), kernel W0, recurrent U0, bias b0", function));
  }
  CellSketch linear(1, 1), other(1, 1);
  CHECK(described(linear.scan({linear.affine(0, linear.carry(0))})) ==
        "vanilla (linear), kernel W0, recurrent U0, bias b0");
  CHECK(described(other.scan({other.f(Op::exp, other.affine(0, other.carry(0)))})) == "custom");
}

TEST_CASE("one kernel for what comes in and what is carried: tied") {
  // tanh((e + h) @ U), inside; and e @ U outside, h @ U inside.
  CellSketch inside(1, 1);
  const Value both = inside.sum({inside.carry(0), inside.x(0)});
  const Graph one = inside.scan({inside.f(Op::tanh, inside.matmul(both, inside.U(0)))});
  const Cell cell = classified(one);
  CHECK(cell.kind == CellKind::vanilla);
  CHECK(cell.tied);
  CHECK(describe(cell, one) == "tied vanilla (tanh), kernel U0, recurrent U0");

  Sketch body("step"), outer("cell");
  const Shape state{{batch_dim, 4}};
  const Value x = body.input(state), h = body.input(state), u = body.input({{4, 4}});
  const Value product = body.add(Op::matmul, {h, u}, MatmulAttributes{});
  body.output(body.add(Op::relu, {body.add(Op::add, {product, x})}));
  const Value kernel = outer.weight({{4, 4}}, "K");
  const Value e = outer.add(Op::relu, {outer.input({{batch_dim, 8, 4}}, "e")});
  const Value projected = outer.add(Op::matmul, {e, kernel}, MatmulAttributes{});
  const Value zero = outer.build.constant(0, state);
  const Graph other =
      outer.finish(outer.add(Op::scan, {projected, zero, kernel},
                             ScanAttributes{8, 1, 1, false, make_body(body.finish())}));
  CHECK(described(other) == "tied vanilla (relu), kernel K, recurrent K");
  CHECK(classified(other).gates[0].sequence == e);
}

TEST_CASE("a kernel inside of the step, and a bias") {
  CellSketch k(1, 1);
  const Value sum = k.sum({k.matmul(k.raw(), k.W(0)), k.c(0), k.matmul(k.carry(0), k.U(0))});
  const Graph graph = k.scan({k.f(Op::tanh, sum)});
  CHECK(described(graph) == "vanilla (tanh), kernel W0, recurrent U0, bias c0");
  CHECK(classified(graph).gates[0].sequence == leaf(graph, "x"));
  CHECK(classified(graph).gates[0].projected.empty());
}

TEST_CASE("an input that is no product is taken as it comes") {
  CellSketch k(2, 1);
  const Value h = k.carry(0);
  const Graph graph = k.scan({k.f(Op::tanh, k.sum({k.x(0), k.x(1), k.matmul(h, k.U(0))}))});
  CHECK(described(graph) == "vanilla (tanh), projected input, recurrent U0");
  CHECK(classified(graph).gates[0].projected.size() == 2);
}

TEST_CASE("what a scan yields besides h' is told") {
  CellSketch k(1, 1);
  const Value next = k.f(Op::tanh, k.affine(0, k.carry(0)));
  const Graph graph = k.scan({next}, {next, k.f(Op::relu, next)});
  CHECK(classified(graph).kind == CellKind::vanilla);
  CHECK_FALSE(classified(graph).yields_h_only);
}

TEST_CASE("weights shared between gates are told") {
  CellSketch k(4, 2);
  const Value h = k.carry(0), s = k.carry(1);
  const auto gate = [&](std::size_t g, std::size_t weight, Op op) {
    return k.f(op, k.sum({k.x(g), k.matmul(h, k.U(weight))}));
  };
  const Value next_s = k.sum({k.product({gate(1, 0, Op::sigmoid), s}),
                              k.product({gate(0, 0, Op::sigmoid), gate(2, 2, Op::tanh)})});
  const Graph graph = k.scan({k.product({gate(3, 3, Op::sigmoid), k.f(Op::tanh, next_s)}), next_s});
  CHECK(described(graph).find("tied lstm (sigmoid, tanh)") == 0);
}

}  // namespace coil::test
