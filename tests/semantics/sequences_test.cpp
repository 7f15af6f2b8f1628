// Sequences, subscripts, loops and collections, against numbers worked out by hand.

#include <catch2/catch.hpp>

#include "compiler/graph/evaluate.hpp"

#include "tests/semantics/support.hpp"

using namespace coil;
using namespace coil::testing;

namespace {

using Numbers = std::vector<double>;

// The only output of these lines for the one row x = (1, 2), (3, 4), (5, 6), three steps of two, with
// V = (1 2 3; 4 5 6).
Array result_of(const std::string& lines) {
  const Graph graph = graph_of(
      "model M(n = 3) {\n  input x[n]: real[2]\n  weight V: real[2, 3] = zeros\n"
      "  unused = V\n" +
      lines + "\n}\n");
  const Feeds feeds = {{"x", {{1, 3, 2}, {1, 2, 3, 4, 5, 6}}}, {"V", {{2, 3}, {1, 2, 3, 4, 5, 6}}}};
  return evaluate(graph, feeds, 1).at("output");
}
Numbers numbers_of(const std::string& lines) { return result_of(lines).values; }

}  // namespace

TEST_CASE("Elements and parts of a sequence") {
  CHECK(numbers_of("  output x[0]") == Numbers{1, 2});
  CHECK(numbers_of("  output x[n - 1]") == Numbers{5, 6});
  CHECK(numbers_of("  output x |> last") == Numbers{5, 6});
  CHECK(numbers_of("  output last(x[0:2])") == Numbers{3, 4});
  CHECK(numbers_of("  output x[1:]") == Numbers{3, 4, 5, 6});
  CHECK(numbers_of("  p = x[1:]\n  q = p[1:]\n  output q[0]") == Numbers{5, 6});
  CHECK(numbers_of("  output x[:, 1:2]") == Numbers{2, 4, 6});
  CHECK(result_of("  output x[2, 1]").values == Numbers{6});
  CHECK(result_of("  output x").dims == std::vector<std::int64_t>{1, 3, 2});
  CHECK(result_of("  output x[1:]").dims == std::vector<std::int64_t>{1, 2, 2});
}

TEST_CASE("Subscripts of a weight count its own dimensions") {
  CHECK(numbers_of("  output x[0] + V[:, 0]") == Numbers{2, 6});
  CHECK(numbers_of("  output x[0] + V[1, 0:2]") == Numbers{5, 7});
  CHECK(numbers_of("  v = V[1]\n  output x[0] + v[1:]") == Numbers{6, 8});
  CHECK(numbers_of("  output x[0] @ V[:, 2:]") == Numbers{15});
  CHECK(numbers_of("  output x[0] @ V[0:2, 0:1]") == Numbers{9});
}

TEST_CASE("Operators, functions and layers work on each step") {
  CHECK(numbers_of("  output x * x + 1") == Numbers{2, 5, 10, 17, 26, 37});
  CHECK(numbers_of("  output -x + x[0]") == Numbers{0, 0, -2, -2, -4, -4});
  CHECK(numbers_of("  output 1 - x") == Numbers{0, -1, -2, -3, -4, -5});
  CHECK(numbers_of("  output x @ V[:, 0:1]") == Numbers{9, 19, 29});
  CHECK(numbers_of("  output relu(x - 3) |> last") == Numbers{2, 3});
  const Graph graph =
      graph_of("model M() {\n  input x[3]: real[2]\n  output x |> dense(4, relu) |> dense(5)\n}\n");
  CHECK(to_string(graph.type(graph.outputs[0].value)) == "real[batch, 3, 5]");
  CHECK(count_parameters(graph) == 2 * 4 + 4 + 4 * 5 + 5);
  const std::vector<LayerInfo> layers = {{"dense", "dense", {{batch_dim, 3, 4}}},
                                         {"dense_1", "dense", {{batch_dim, 3, 5}}}};
  CHECK(graph.layers == layers);
}

TEST_CASE("split and concat, of values and of each step") {
  CHECK(numbers_of("  a, b = split(x[0], 2)\n  output concat(b, a, b)") == Numbers{2, 1, 2});
  CHECK(numbers_of("  a, b = split(x, 2)\n  output a - 2 * b") == Numbers{-3, -5, -7});
  CHECK(numbers_of("  output concat(x, x[0])") == Numbers{1, 2, 1, 2, 3, 4, 1, 2, 5, 6, 1, 2});
  CHECK(numbers_of("  output concat(V[0], x[0])") == Numbers{1, 2, 3, 1, 2});
  CHECK(numbers_of("  p, q, r = split(V, 3)\n  output x[0] @ r") == Numbers{15});
  CHECK(numbers_of("  y[1], y[0] = split(x[0], 2)\n  output y") == Numbers{2, 1});
}

TEST_CASE("A loop rebinds what was there before and forgets what was not") {
  CHECK(
      numbers_of("  h = zeros(2)\n  for t in 0..n {\n    double = x[t] + x[t]\n    h = h + double\n"
                 "  }\n  output h") == Numbers{18, 24});
  CHECK(numbers_of("  h = x[0]\n  for t in 1..n {\n    h = h * x[t]\n  }\n  output h") ==
        Numbers{15, 48});
  CHECK(numbers_of("  h = x[0]\n  for t in 2..2 {\n    h = h * 100\n  }\n  output h") ==
        Numbers{1, 2});
  CHECK(numbers_of("  k = 1\n  for t in 0..3 {\n    k = k * 2\n  }\n  output x[0] * k") ==
        Numbers{8, 16});
}

TEST_CASE("Loops nest, and an inner bound may use the outer counter") {
  CHECK(numbers_of("  h = zeros(2)\n  for i in 0..n {\n    for j in 0..i + 1 {\n"
                   "      h = h + x[j]\n    }\n  }\n  output h") ==
        Numbers{3 * 1 + 2 * 3 + 5, 3 * 2 + 2 * 4 + 6});
  CHECK(numbers_of("  for t in 0..2 {\n    y[t] = x[t]\n  }\n  for t in 2..n {\n    y[t] = x[0]\n"
                   "  }\n  output y") == Numbers{1, 2, 3, 4, 1, 2});
}

TEST_CASE(
    "A collection may be filled in any order, read before it is complete, and made in a loop") {
  CHECK(numbers_of("  for t in 0..n {\n    y[n - 1 - t] = x[t]\n  }\n  output y") ==
        Numbers{5, 6, 3, 4, 1, 2});
  CHECK(
      numbers_of("  y[0] = x[0]\n  for t in 1..n {\n    y[t] = y[t - 1] + x[t]\n  }\n  output y") ==
      Numbers{1, 2, 4, 6, 9, 12});
  CHECK(numbers_of("  h = zeros(2)\n  for i in 0..2 {\n    for t in 0..n {\n"
                   "      k = t\n      y[k] = x[t] + i\n    }\n    h = h + last(y)\n  }\n"
                   "  output h") == Numbers{11, 13});
}

TEST_CASE("A sequence of indices is one input and is cut where it is used") {
  const Graph graph =
      graph_of("model M() {\n  input c[2]: index(3)\n  output c |> embedding(3, 1)\n}\n");
  const NodeId input = leaves(graph, Op::input).at(0);
  CHECK(to_string(graph.node(input).types[0]) == "index[batch, 2]");
  const Feeds feeds = {{"c", {{2, 2}, {0, 2, 1, 1}}},
                       {"embedding.embeddings", {{3, 1}, {7, 8, 9}}}};
  CHECK(evaluate(graph, feeds, 2).at("output").values == Numbers{7, 9, 8, 8});
}

TEST_CASE("Weights start as they are told") {
  const Graph graph = graph_of(
      "model M() {\n  input x: real[2]\n  weight a: real[2, 4] = uniform(0.5)\n"
      "  weight b: real[4] = lstm_bias\n  weight s: real[4] = ones\n  output x @ a * s + b\n}\n");
  std::map<std::string, Initializer> found;
  for (const NodeId id : leaves(graph, Op::weight)) {
    const auto& attributes = std::get<WeightAttributes>(graph.node(id).attributes);
    found[attributes.name.text] = attributes.initializer;
  }
  const std::map<std::string, Initializer> expected = {{"a", {InitializerKind::uniform, 0.5}},
                                                       {"b", {InitializerKind::lstm_bias, 0}},
                                                       {"s", {InitializerKind::ones, 0}}};
  CHECK(found == expected);
}
