#include "compiler/graph/text.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "compiler/graph/verify.hpp"
#include "compiler/passes/runner.hpp"

#include "tests/support/random_graph.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

bool same(const Graph& a, const Graph& b) {
  if (a.name != b.name || a.layers != b.layers || a.outputs != b.outputs || a.size() != b.size())
    return false;
  for (NodeId id = 0; id < a.size(); ++id) {
    const Node &x = a.node(id), &y = b.node(id);
    if (x.op != y.op || x.attributes != y.attributes || x.operands != y.operands ||
        x.types != y.types || x.place != y.place)
      return false;
  }
  return true;
}

void check_round_trip(const Graph& graph) {
  const std::string text = to_text(graph);
  INFO(text);
  const Graph back = graph_from_text(text, "text");
  CHECK(same(graph, back));
  CHECK(to_text(back) == text);
}

}  // namespace

TEST_CASE("random graphs, and all that is derived from them, come back byte for byte") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    check_round_trip(random_graph(rng));
  }
  Runner runner;
  const Graph canonical = runner.canonicalise(char3_graph());
  for (const Entry entry : {Entry::predict, Entry::gradients, Entry::train_step})
    check_round_trip(runner.derive(canonical, entry));
}

TEST_CASE("the text of a small graph") {
  Sketch s("Small");
  s.build.at({4, 9});
  const Value c = s.index({{batch_dim}}, 7, "c");
  s.build.at({});
  const Value table = s.build.leaf(
      Op::weight, WeightAttributes{{"embed.embeddings"}, {InitializerKind::uniform, 0.05}},
      {Element::real, {{7, 3}}});
  const Value rows = s.add(Op::gather, {table, c});
  const Value loss = s.add(Op::cross_entropy, {rows, s.index({{batch_dim}}, 3, "t t")});
  s.output(loss, "loss");
  s.output({loss.node, 1}, "g");
  s.output(table, "embed.embeddings", OutputKind::update);
  Graph graph = s.finish();
  graph.layers = {{"embed", "embedding", {{batch_dim, 3}}}};
  CHECK(to_text(graph) ==
        R"(coil: 1
graph: Small
layers:
  - {name: embed, kind: embedding, output: "[batch, 3]"}
nodes:
  - {id: 0, op: input, type: "index[batch]", name: c, bound: 7, at: "4:9"}
  - {id: 1, op: weight, type: "real[7, 3]", name: embed.embeddings, initializer: uniform 0.05}
  - {id: 2, op: gather, of: [1, 0], type: "real[batch, 3]"}
  - {id: 3, op: input, type: "index[batch]", name: "t t", position: 1, bound: 3}
  - {id: 4, op: cross_entropy, of: [2, 3], type: ["real[]", "real[batch, 3]"]}
outputs:
  - {name: loss, of: 4}
  - {name: g, of: 4.1}
  - {name: embed.embeddings, of: 1, kind: update}
)");
  check_round_trip(graph);
}

TEST_CASE("names come back whatever they are, though YAML may have a meaning for them") {
  for (const char* name : {"x",
                           "_",
                           "a.b.c",
                           "null",
                           "Null",
                           "NULL",
                           "~",
                           "true",
                           "True",
                           "false",
                           "yes",
                           "no",
                           "on",
                           "y",
                           "n",
                           "-",
                           "-1",
                           "1",
                           "1.5",
                           "1e3",
                           "0x10",
                           ".inf",
                           ".nan",
                           "nan",
                           "inf",
                           "a b",
                           " a",
                           "a ",
                           "a: b",
                           "a #b",
                           "#",
                           "\"",
                           "'",
                           "\\",
                           "a\\nb",
                           "a\nb",
                           "a\tb",
                           "\x01",
                           "\x7f",
                           "&a",
                           "*a",
                           "!a",
                           "{",
                           "}",
                           "[",
                           "]",
                           ",",
                           "?",
                           ":",
                           "|",
                           ">",
                           "%",
                           "@",
                           "`",
                           "---",
                           "...",
                           "<<",
                           "caf\xc3\xa9",
                           "\xe2\x82\xac",
                           "\xf0\x9f\x8c\x80"}) {
    INFO(name);
    Sketch s(name);
    const Value w = s.weight({}, name);
    s.output(w, name, OutputKind::update);
    s.output(w, name);
    Graph graph = s.finish();
    graph.layers = {{name, name, {}}};
    check_round_trip(graph);
  }
}

TEST_CASE("an empty graph, an empty name and no layers come back") {
  Graph graph;
  CHECK(to_text(graph) == "coil: 1\ngraph: \"\"\nnodes:\noutputs:\n");
  Sketch s("");
  s.output(s.input({}, "x"), "");
  check_round_trip(s.finish());
}

TEST_CASE("numbers come back to the last bit") {
  for (const double value :
       {0.0, -0.0, 0.1, 1.0 / 3, 1e-300, 5e-324, 1.7976931348623157e308, -2.5, 123456789012345678.0,
        std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    INFO(value);
    Sketch s;
    check_round_trip(s.finish(s.build.constant(value)));
  }
  Sketch s;
  const Graph graph = s.finish(s.build.constant(std::numeric_limits<double>::quiet_NaN()));
  CHECK(to_text(graph_from_text(to_text(graph), "text")) == to_text(graph));
}

}  // namespace coil::test
