// What cells are and are not: names, weights, memory, choices made while elaborating.

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/hash.hpp"
#include "compiler/graph/text.hpp"

#include "tests/semantics/support.hpp"

using namespace coil;
using namespace coil::testing;

namespace {

using Numbers = std::vector<double>;

// Adds up what it is given.
const std::string sum_cell =
    "cell Sum(units) {\n  state h: real[units]\n  step(x) {\n    h = h + x\n    yield h\n  }\n}\n";

Graph model_with(const std::string& cells, const std::string& lines) {
  return graph_of(cells + "model M() {\n  input x[3]: real[2]\n" + lines + "\n}\n");
}

// One row: (1, 2), (3, 4), (5, 6).
std::map<std::string, Array> results_of(const Graph& graph, Feeds feeds = {}) {
  feeds["x"] = {{1, 3, 2}, {1, 2, 3, 4, 5, 6}};
  return evaluate(graph, feeds, 1);
}

Numbers output_of(const std::string& cells, const std::string& lines) {
  return results_of(model_with(cells, lines)).at("output").values;
}

std::vector<std::string> names_of(const Graph& graph, Op op) {
  std::vector<std::string> names;
  for (const NodeId id : leaves(graph, op)) names.emplace_back(leaf_name(graph.node(id)));
  std::sort(names.begin(), names.end());
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("A cell runs on a sequence from zeros each time") {
  CHECK(output_of(sum_cell, "  output x |> Sum(2)") == Numbers{1, 2, 4, 6, 9, 12});
  CHECK(output_of(sum_cell, "  layer s = Sum(2)\n  y = s(x)\n  output s(x)") ==
        Numbers{1, 2, 4, 6, 9, 12});
}

TEST_CASE("A cell applied to one value after another keeps its memory") {
  CHECK(output_of(sum_cell, "  layer s = Sum(2)\n  y = s(x[0])\n  y = s(x[1])\n  output s(x[0])") ==
        Numbers{5, 8});
  CHECK(output_of(sum_cell,
                  "  layer a = Sum(2)\n  layer b = Sum(2)\n  y = a(x[2])\n"
                  "  output b(x[0])") == Numbers{1, 2});
  CHECK(output_of(sum_cell, "  for t in 0..3 {\n    y[t] = x[t] |> Sum(2)\n  }\n  output y") ==
        Numbers{1, 2, 4, 6, 9, 12});
  // A decoder goes on from where the sequence ended.
  CHECK(output_of(sum_cell, "  layer s = Sum(2)\n  y = s(x)\n  output s(x[0])") == Numbers{10, 14});
}

TEST_CASE("Stateful cells begin with a leaf, the others with zeros") {
  const Graph kept = model_with(sum_cell, "  output x |> Sum(2, stateful = true)");
  CHECK(names_of(kept, Op::state) == Names{"Sum.h"});
  REQUIRE(kept.outputs.size() == 2);
  CHECK(kept.outputs[1].kind == OutputKind::update);
  CHECK(kept.outputs[1].name == "Sum.h");
  const auto results = results_of(kept, {{"Sum.h", {{1, 2}, {10, 20}}}});
  CHECK(results.at("output").values == Numbers{11, 22, 14, 26, 19, 32});
  CHECK(results.at("update:Sum.h").values == Numbers{19, 32});
  const Graph twice =
      model_with(sum_cell, "  layer s = Sum(2, stateful = true)\n  y = s(x)\n  output s(x)");
  CHECK(results_of(twice, {{"s.h", {{1, 2}, {0, 0}}}}).at("output").values ==
        Numbers{10, 14, 13, 18, 18, 24});
  CHECK(names_of(model_with(sum_cell, "  output x |> Sum(2)"), Op::state).empty());
}

TEST_CASE("A model's state is an input and an output of the call; a variable is neither") {
  const Graph graph = model_with("",
                                 "  state h, g: real[2]\n  v = zeros(2)\n  for t in 0..3 {\n"
                                 "    h = h + x[t]\n    v = v + h\n  }\n  g = g + 1\n  output v");
  CHECK(names_of(graph, Op::state) == Names{"g", "h"});
  const auto results = results_of(graph, {{"h", {{1, 2}, {100, 200}}}, {"g", {{1, 2}, {7, 8}}}});
  CHECK(results.at("update:h").values == Numbers{109, 212});
  CHECK(results.at("update:g").values == Numbers{8, 9});
  CHECK(results.at("output").values == Numbers{314, 620});
}

TEST_CASE("Weights and layers of a cell are named after the layer it makes") {
  const std::string cells =
      "cell Inner(units) {\n  layer d = dense(units)\n  weight w: real[units] = zeros\n"
      "  step(x) {\n    yield d(x) + w |> dense(units)\n  }\n}\n"
      "cell Outer(units) {\n  layer in1 = Inner(units)\n  step(x) {\n"
      "    yield in1(x) |> Inner(units)\n  }\n}\n";
  const Graph graph = model_with(cells, "  layer o = Outer(2)\n  y = o(x)\n  output o(x)");
  CHECK(names_of(graph, Op::weight) == Names{"o.Inner.d.bias", "o.Inner.d.kernel",
                                             "o.Inner.dense.bias", "o.Inner.dense.kernel",
                                             "o.Inner.w", "o.in1.d.bias", "o.in1.d.kernel",
                                             "o.in1.dense.bias", "o.in1.dense.kernel", "o.in1.w"});
  const Graph unnamed =
      model_with("", "  output concat(x |> simple_rnn(2), x |> simple_rnn(3), x |> lstm(1))");
  CHECK(unnamed.layers ==
        std::vector<LayerInfo>{{"simple_rnn", "simple_rnn", {{batch_dim, 3, 2}}},
                               {"simple_rnn_1", "simple_rnn", {{batch_dim, 3, 3}}},
                               {"lstm", "lstm", {{batch_dim, 3, 1}}}});
}

TEST_CASE("A person's cell hides the prelude's, the layer kind and the function of its name") {
  for (const std::string name : {"lstm", "dense", "tanh"}) {
    const std::string cell = "cell " + name + "(n) {\n  step(x) {\n    yield x * n\n  }\n}\n";
    CHECK(output_of(cell, "  output x |> " + name + "(10) |> last") == Numbers{50, 60});
  }
}

TEST_CASE("Cells stand in any order, before and after their use") {
  const std::string model = "model M() {\n  input x[3]: real[2]\n  output x |> Twice(2)\n}\n";
  const std::string twice =
      "cell Twice(n) {\n  layer s = Sum(n)\n  step(x) {\n    yield 2 * s(x)\n  }\n}\n";
  const Graph before = graph_of(sum_cell + twice + model);
  CHECK(hash_of(graph_of(model + twice + sum_cell)) == hash_of(before));
  CHECK(results_of(before).at("output").values == Numbers{2, 4, 8, 12, 18, 24});
}

TEST_CASE("A cell sees the names of its own and no others") {
  const std::string cell = "cell A(n) {\n  step(x) {\n    yield x + n + h\n  }\n}\n";
  CHECK(
      headlines(messages_of(cell + "model M() {\n  input x: real[2]\n  h = x\n  output x |> A(2)\n"
                                   "}\n")) ==
      "3:19: error: unknown name 'h'\n9:15: note: cell 'A' is applied here\n");
}

TEST_CASE("if is decided by the parameter and leaves no trace of the other side") {
  const std::string cell =
      "cell A(kind = fast) {\n  if kind == slow {\n    weight w: real[2] = zeros\n  }\n"
      "  step(x) {\n    if kind == slow {\n      y = x + w\n    } else {\n      y = x * 2\n    }\n"
      "    yield y\n  }\n}\n";
  CHECK(output_of(cell, "  output x |> A") == Numbers{2, 4, 6, 8, 10, 12});
  CHECK(names_of(model_with(cell, "  output x |> A(slow)"), Op::weight) == Names{"A.w"});
  CHECK(names_of(model_with(cell, "  output x |> A(fast)"), Op::weight).empty());
  const std::string model =
      "model M(double = false) {\n  input x: real[1]\n  if double {\n    y = x + x\n  } else {\n"
      "    y = x\n  }\n  output y\n}\n";
  CHECK(graph_of(model).size() == 1);
  CHECK(graph_of(model, {{"double", "true"}}).size() == 2);
  CHECK(usage_error(model, {{"double", "yes"}}) ==
        "-D double=yes: parameter 'double' is a name, and 'yes' is none of false, true");
}

TEST_CASE("A parameter that names a function is called as one") {
  const std::string cell = "cell A(f = tanh) {\n  step(x) {\n    yield f(x - 3)\n  }\n}\n";
  CHECK(output_of(cell, "  output x |> A(relu)") == Numbers{0, 0, 0, 1, 2, 3});
  CHECK(output_of(cell, "  output x |> A(linear)") == Numbers{-2, -1, 0, 1, 2, 3});
  CHECK(output_of(cell, "  output x |> A(f = hard_sigmoid) |> last") == Numbers{0.9, 1});
  const Graph model = graph_of("model M(f = relu) {\n  input x: real[1]\n  output x |> f\n}\n",
                               {{"f", "exponential"}});
  CHECK(model.node(model.outputs[0].value.node).op == Op::exp);
}

TEST_CASE("Arguments mean what they mean where the layer is made; defaults use those before them") {
  const std::string cell = "cell A(n, m = n * 2) {\n  step(x) {\n    yield x * n + m\n  }\n}\n";
  CHECK(output_of(cell, "  m = 5\n  output x |> A(m - 4) |> last") == Numbers{7, 8});
  CHECK(output_of(cell, "  output x |> A(0.5, m = 7) |> last") == Numbers{9.5, 10});
}

TEST_CASE("Several inputs of a step may be sequences and values") {
  const std::string cell = "cell Mix(n) {\n  step(x, y) {\n    yield x * n + y\n  }\n}\n";
  CHECK(output_of(cell, "  layer m = Mix(10)\n  output m(x, x)") ==
        Numbers{11, 22, 33, 44, 55, 66});
  CHECK(output_of(cell, "  layer m = Mix(10)\n  output m(x, x[0])") ==
        Numbers{11, 22, 31, 42, 51, 62});
}

TEST_CASE("Nodes of the prelude are placed where the cell is applied") {
  const Graph graph =
      graph_of("model M() {\n  input x[2]: real[3]\n  layer r = lstm(4)\n  output r(x)\n}\n");
  for (const Node& node : graph.nodes()) CHECK(node.place.line <= 4);
  const NodeId kernel = leaves(graph, Op::weight).at(0);
  CHECK(graph.node(kernel).place == Place{4, 10});
}

TEST_CASE("A cell is elaborated as far as it is used") {
  graph_of(
      "cell Broken(n) {\n  step(x) {\n    yield y\n  }\n}\nmodel M() {\n  input x: real[2]\n"
      "  output x\n}\n");
}
