// The first model of the language, from its file.

#include <catch2/catch.hpp>
#include <map>

#include "compiler/graph/hash.hpp"
#include "compiler/graph/text.hpp"

#include "tests/semantics/support.hpp"

using namespace coil;
using namespace coil::testing;

namespace {

std::size_t count_op(const Graph& graph, Op op) {
  std::size_t count = 0;
  for (const Node& node : graph.nodes()) count += node.op == op ? 1 : 0;
  return count;
}

struct WeightRow {
  Type type;
  Initializer initializer;
  bool operator==(const WeightRow&) const = default;
};

std::map<std::string, WeightRow> weights_of(const Graph& graph) {
  std::map<std::string, WeightRow> rows;
  for (NodeId id : leaves(graph, Op::weight)) {
    const auto& attributes = std::get<WeightAttributes>(graph.node(id).attributes);
    rows[attributes.name.text] = {graph.node(id).types[0], attributes.initializer};
  }
  return rows;
}

Type real(std::vector<std::int64_t> dims) { return {Element::real, {std::move(dims)}}; }

}  // namespace

TEST_CASE("Char3 has Keras's weights") {
  const Graph graph = graph_of(read_model("char3.model"));
  const Initializer uniform{InitializerKind::uniform, 0.05};
  const Initializer glorot{InitializerKind::glorot_uniform, 0};
  const Initializer zeros{InitializerKind::zeros, 0};
  const std::map<std::string, WeightRow> expected = {
      {"embed.embeddings", {real({57, 42}), uniform}},
      {"encode.kernel", {real({42, 256}), glorot}},
      {"encode.bias", {real({256}), zeros}},
      {"mix.kernel", {real({256, 256}), glorot}},
      {"mix.bias", {real({256}), zeros}},
      {"decode.kernel", {real({256, 57}), glorot}},
      {"decode.bias", {real({57}), zeros}},
  };
  CHECK(weights_of(graph) == expected);
  CHECK(graph.name == "Char3");
}

TEST_CASE("Char3 has the reference's number of parameters") {
  const std::string text = read_model("char3.model");
  CHECK(count_parameters(graph_of(text)) == 93'843);
  CHECK(count_parameters(graph_of(text, {{"outputs", "56"}})) == 93'586);
}

TEST_CASE("Char3's layers stand in the order of first use, with their shapes") {
  const Graph graph = graph_of(read_model("char3.model"));
  const std::vector<LayerInfo> expected = {{"embed", "embedding", {{batch_dim, 42}}},
                                           {"encode", "dense", {{batch_dim, 256}}},
                                           {"mix", "dense", {{batch_dim, 256}}},
                                           {"decode", "dense", {{batch_dim, 57}}}};
  CHECK(graph.layers == expected);
}

TEST_CASE("Char3's inputs are three characters in order") {
  const Graph graph = graph_of(read_model("char3.model"));
  const std::vector<NodeId> inputs = leaves(graph, Op::input);
  REQUIRE(inputs.size() == 3);
  const std::vector<std::string> names = {"c1", "c2", "c3"};
  for (std::size_t i = 0; i < 3; ++i) {
    const Node& node = graph.node(inputs[i]);
    const InputAttributes expected{{names[i]}, static_cast<std::int64_t>(i), 57};
    CHECK(std::get<InputAttributes>(node.attributes) == expected);
    CHECK(to_string(node.types[0]) == "index[batch]");
  }
}

TEST_CASE("Char3 applies each layer anew and makes its weights once") {
  const Graph graph = graph_of(read_model("char3.model"));
  CHECK(count_op(graph, Op::weight) == 7);
  CHECK(count_op(graph, Op::gather) == 3);
  CHECK(count_op(graph, Op::matmul) == 7);
  CHECK(count_op(graph, Op::relu) == 3);
  CHECK(count_op(graph, Op::tanh) == 3);
  CHECK(count_op(graph, Op::softmax) == 1);
}

TEST_CASE("A model's wiring and places, in the graph's text form") {
  const Graph graph = graph_of(
      "model Tiny(size = 3) {\n"
      "  input c1, c2: index(5)\n"
      "  layer embed = embedding(5, 2)\n"
      "  layer mix = dense(size, tanh)\n"
      "  h = mix(embed(c1))\n"
      "  output h - mix(embed(c2))\n"
      "}\n");
  CHECK(to_text(graph) == R"(coil: 1
graph: Tiny
layers:
  - {name: embed, kind: embedding, output: "[batch, 2]"}
  - {name: mix, kind: dense, output: "[batch, 3]"}
nodes:
  - {id: 0, op: input, type: "index[batch]", name: c1, bound: 5, at: "2:9"}
  - {id: 1, op: input, type: "index[batch]", name: c2, position: 1, bound: 5, at: "2:13"}
  - {id: 2, op: weight, type: "real[5, 2]", name: embed.embeddings, initializer: uniform 0.05, at: "3:9"}
  - {id: 3, op: gather, of: [2, 0], type: "real[batch, 2]", at: "5:11"}
  - {id: 4, op: weight, type: "real[2, 3]", name: mix.kernel, initializer: glorot_uniform, at: "4:9"}
  - {id: 5, op: weight, type: "real[3]", name: mix.bias, initializer: zeros, at: "4:9"}
  - {id: 6, op: matmul, of: [3, 4], type: "real[batch, 3]", at: "5:7"}
  - {id: 7, op: add, of: [6, 5], type: "real[batch, 3]", at: "5:7"}
  - {id: 8, op: tanh, of: [7], type: "real[batch, 3]", at: "5:7"}
  - {id: 9, op: gather, of: [2, 1], type: "real[batch, 2]", at: "6:18"}
  - {id: 10, op: matmul, of: [9, 4], type: "real[batch, 3]", at: "6:14"}
  - {id: 11, op: add, of: [10, 5], type: "real[batch, 3]", at: "6:14"}
  - {id: 12, op: tanh, of: [11], type: "real[batch, 3]", at: "6:14"}
  - {id: 13, op: sub, of: [8, 12], type: "real[batch, 3]", at: "6:12"}
outputs:
  - {name: output, of: 13}
)");
}

TEST_CASE("Names change nothing in the hash; wiring does") {
  const std::string text =
      "model M() {\n  input x: real[4]\n  layer a = dense(4)\n  layer b = dense(4)\n"
      "  output a(b(x))\n}\n";
  const std::string renamed =
      "model N() {\n  input y: real[4]\n  layer b = dense(4)\n  layer q = dense(4)\n"
      "  h = q(y)\n  output b(h)\n}\n";
  const std::string shared =
      "model M() {\n  input x: real[4]\n  layer a = dense(4)\n  output a(a(x))\n}\n";
  CHECK(hash_of(graph_of(text)) == hash_of(graph_of(renamed)));
  CHECK(hash_of(graph_of(text)) != hash_of(graph_of(shared)));
}
