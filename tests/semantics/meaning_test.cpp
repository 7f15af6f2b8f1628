// Elaborated models against numbers worked out by hand, through the reference interpreter.

#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/graph/evaluate.hpp"

#include "tests/semantics/support.hpp"

using namespace coil;
using namespace coil::testing;

namespace {

using Numbers = std::vector<double>;

// The only output of `model M() { lines }` for x = (1, -2) and (0, 3), two rows of a batch.
Numbers value_of(const std::string& lines) {
  const Graph graph = graph_of("model M() {\n  input x: real[2]\n" + lines + "\n}\n");
  return evaluate(graph, {{"x", {{2, 2}, {1, -2, 0, 3}}}}, 2).at("output").values;
}

void check_close(const Numbers& actual, const Numbers& expected) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    CHECK(actual[i] == Approx(expected[i]).epsilon(1e-12));
  }
}

}  // namespace

TEST_CASE("A recurrence over an embedding, by hand") {
  const Graph graph = graph_of(
      "model M() {\n"
      "  input c1, c2: index(2)\n"
      "  layer embed = embedding(2, 2)\n"
      "  layer mix = dense(2, relu)\n"
      "  h = mix(embed(c1))\n"
      "  output mix(h + embed(c2))\n"
      "}\n");
  const Feeds feeds = {{"c1", {{1}, {1}}},
                       {"c2", {{1}, {0}}},
                       {"embed.embeddings", {{2, 2}, {1, 2, 3, -1}}},
                       {"mix.kernel", {{2, 2}, {1, 0, 2, 1}}},
                       {"mix.bias", {{2}, {0.5, -4}}}};
  // embed(1) = (3, -1); times the kernel (3 - 2, -1), plus the bias (1.5, -5), relu: (1.5, 0).
  // plus embed(0) = (1, 2): (2.5, 2); times the kernel (6.5, 2), plus the bias (7, -2), relu: (7, 0).
  CHECK(evaluate(graph, feeds, 1).at("output").values == Numbers{7, 0});
}

TEST_CASE("Operators apply from the left, products before sums") {
  check_close(value_of("output x - x - x"), {-1, 2, 0, -3});
  check_close(value_of("output 12 / (x + 4) / 2"), {1.2, 3, 1.5, 6.0 / 7});
  check_close(value_of("output 1 + 2 * x"), {3, -3, 1, 7});
  check_close(value_of("output (1 + 2) * x"), {3, -6, 0, 9});
  check_close(value_of("output -x * -2"), {2, -4, 0, 6});
  check_close(value_of("output 7 - 2 - x"), {4, 7, 5, 2});
  check_close(value_of("output x * (7 / 2.0)"), {3.5, -7, 0, 10.5});
}

TEST_CASE("Functions are what their names say") {
  check_close(value_of("output tanh(x)"), {std::tanh(1), std::tanh(-2), 0, std::tanh(3)});
  check_close(value_of("output relu(x)"), {1, 0, 0, 3});
  check_close(value_of("output exp(x)"), {std::exp(1), std::exp(-2), 1, std::exp(3)});
  check_close(value_of("output log(x * x + 1)"), {std::log(2), std::log(5), 0, std::log(10)});
  check_close(value_of("output hard_sigmoid(x)"), {0.7, 0.1, 0.5, 1});
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  check_close(value_of("output sigmoid(x)"), {sigmoid(1), sigmoid(-2), 0.5, sigmoid(3)});
  check_close(value_of("output softmax(x)"), {sigmoid(3), sigmoid(-3), sigmoid(-3), sigmoid(3)});
  check_close(value_of("output zeros(2) + x * ones(2)"), {1, -2, 0, 3});
  check_close(value_of("output x * exp(1)"), {std::exp(1), -2 * std::exp(1), 0, 3 * std::exp(1)});
}

TEST_CASE("A pipeline is application from the left") {
  check_close(value_of("output x |> relu |> exp"), {std::exp(1), 1, 1, std::exp(3)});
}

TEST_CASE("A variable keeps the value it had when it was used") {
  check_close(value_of("a = x\n  b = a + 1\n  a = a * 10\n  output a + b"), {12, -21, 1, 34});
}

TEST_CASE("Several outputs are numbered from the second") {
  const Graph graph =
      graph_of("model M() {\n  input x: real[1]\n  output x\n  output x + 1\n  output x + 2\n}\n");
  const auto values = evaluate(graph, {{"x", {{1, 1}, {5}}}}, 1);
  REQUIRE(values.size() == 3);
  CHECK(values.at("output").values == Numbers{5});
  CHECK(values.at("output_1").values == Numbers{6});
  CHECK(values.at("output_2").values == Numbers{7});
}
