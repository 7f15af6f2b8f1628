// What must not happen to large or odd expressions.

#include <catch2/catch.hpp>

#include "tests/semantics/support.hpp"

using namespace coil;
using namespace coil::testing;

TEST_CASE("Arithmetic among numbers leaves no node") {
  const Graph graph =
      graph_of("model M(n = 4) {\n  input x: real[n]\n  output x * (2 * n - 7) * (1 / 2.0)\n}\n");
  const std::vector<NodeId> constants = leaves(graph, Op::constant);
  REQUIRE(constants.size() == 2);
  CHECK(std::get<ConstantAttributes>(graph.node(constants[0]).attributes).value == 1);
  CHECK(std::get<ConstantAttributes>(graph.node(constants[1]).attributes).value == 0.5);
}

TEST_CASE("Equal expressions are one node") {
  const Graph once = graph_of("model M() {\n  input x: real[4]\n  output tanh(x)\n}\n");
  const Graph twice = graph_of(
      "model M() {\n  input x: real[4]\n  y = tanh(x)\n  z = tanh(x)\n  output z\n  output y\n}\n");
  CHECK(once.size() == twice.size());
  CHECK(twice.outputs[0].value == twice.outputs[1].value);
}

TEST_CASE("zeros and ones are constants of the batch") {
  const Graph graph =
      graph_of("model M() {\n  input x: real[4]\n  output x + zeros(4)\n  output ones(2, 4)\n}\n");
  const std::vector<NodeId> constants = leaves(graph, Op::constant);
  REQUIRE(constants.size() == 2);
  CHECK(to_string(graph.node(constants[0]).types[0]) == "real[batch, 4]");
  CHECK(to_string(graph.node(constants[1]).types[0]) == "real[batch, 2, 4]");
}

TEST_CASE("Places count code points and stay right on a long line") {
  std::string line = "  output x";
  for (int i = 0; i < 50; ++i) line += " + (x)";
  const Graph graph = graph_of("model M() { # é\n  input x: real[4]\n" + line + "\n}\n");
  const Node& last = graph.node(graph.outputs[0].value.node);
  CHECK(last.place == Place{3, 10 + 49 * 6 + 2});
}
