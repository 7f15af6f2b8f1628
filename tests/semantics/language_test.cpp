// The models and examples that come with Coil, from their files.

#include <catch2/catch.hpp>
#include <map>

#include "compiler/graph/evaluate.hpp"

#include "tests/semantics/support.hpp"
#include "tests/support/feeds.hpp"

using namespace coil;
using namespace coil::testing;

namespace coil::test::language_test {
namespace {

std::map<std::string, std::string> weights_of(const Graph& graph) {
  std::map<std::string, std::string> rows;
  for (const NodeId id : leaves(graph, Op::weight)) {
    const auto& attributes = std::get<WeightAttributes>(graph.node(id).attributes);
    rows[attributes.name.text] = fmt::format("{} {}", to_string(graph.node(id).types[0]),
                                             to_string(attributes.initializer.kind));
  }
  return rows;
}

std::string output_type(const Graph& graph) {
  return to_string(graph.type(graph.outputs[0].value));
}

using Rows = std::map<std::string, std::string>;

// Small, so that the interpreter is quick.
const std::vector<Definition> small = {
    {"vocab", "5"}, {"steps", "8"}, {"factors", "3"}, {"hidden", "4"}};
const std::vector<Definition> small_pasted = {{"vocab", "5"}, {"factors", "3"}, {"hidden", "4"}};

// The outputs with the graph's own leaves fed by what `from` says for each name.
std::vector<double> output_with(const Graph& graph, const Feeds& feeds) {
  return evaluate(graph, feeds, 2).at("output").values;
}

void check_equal(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).epsilon(1e-12));
}

// The whole sequence c as eight inputs.
Feeds cut(Feeds feeds) {
  const Array c = feeds.at("c");
  feeds.erase("c");
  for (std::size_t t = 0; t < 8; ++t) {
    feeds[fmt::format("c{}", t + 1)] = {{2}, {c.values[t], c.values[8 + t]}};
  }
  return feeds;
}

Feeds renamed(Feeds feeds, const std::map<std::string, std::string>& names) {
  for (const auto& [from, to] : names) {
    auto node = feeds.extract(from);
    REQUIRE(node);
    node.key() = to;
    feeds.insert(std::move(node));
  }
  return feeds;
}

}  // namespace

TEST_CASE("The models have the reference's numbers of parameters") {
  CHECK(count_parameters(graph_of(read_model("char3.model"))) == 93'843);
  CHECK(count_parameters(graph_of(read_model("char_loop.model"))) == 93'843);
  CHECK(count_parameters(graph_of(read_model("char_rnn.model"))) == 93'587);
  CHECK(count_parameters(graph_of(read_model("char_stateful_rnn.model"))) == 93'587);
  CHECK(count_parameters(graph_of(read_model("char_stateful_lstm.model"))) == 1'168'275);
}

TEST_CASE("The stateful LSTM has Keras's weights, two states and a sequence for its output") {
  const Graph graph = graph_of(read_model("char_stateful_lstm.model"));
  const Rows expected = {{"embedding.embeddings", "real[57, 42] uniform"},
                         {"lstm.kernel", "real[42, 2048] glorot_uniform"},
                         {"lstm.recurrent_kernel", "real[512, 2048] orthogonal"},
                         {"lstm.bias", "real[2048] lstm_bias"},
                         {"dense.kernel", "real[512, 57] glorot_uniform"},
                         {"dense.bias", "real[57] zeros"}};
  CHECK(weights_of(graph) == expected);
  CHECK(output_type(graph) == "real[batch, 8, 57]");
  const std::vector<LayerInfo> layers = {{"embedding", "embedding", {{batch_dim, 8, 42}}},
                                         {"lstm", "lstm", {{batch_dim, 8, 512}}},
                                         {"dense", "dense", {{batch_dim, 8, 57}}}};
  CHECK(graph.layers == layers);
  REQUIRE(graph.outputs.size() == 3);
  CHECK(graph.outputs[1].name == "lstm.h");
  CHECK(graph.outputs[2].name == "lstm.s");
  CHECK(graph.outputs[2].kind == OutputKind::update);
}

TEST_CASE("CharLoop of three steps computes what Char3 does") {
  const std::vector<Definition> sizes = {{"vocab", "5"}, {"factors", "3"}, {"hidden", "4"}};
  std::vector<Definition> three = sizes;
  three.push_back({"steps", "3"});
  const Graph loop = graph_of(read_model("char_loop.model"), three);
  Feeds feeds = test::random_feeds(loop, 2, 11);
  const std::vector<double> expected = output_with(loop, feeds);
  const Array c = feeds.at("c");
  for (std::size_t t = 0; t < 3; ++t)
    feeds[fmt::format("c{}", t + 1)] = {{2}, {c.values[t], c.values[3 + t]}};
  feeds.erase("c");
  check_equal(output_with(graph_of(read_model("char3.model"), sizes), feeds), expected);
}

TEST_CASE("The LSTM by hand, pasted, as a cell and from the prelude compute the same") {
  const Graph loop = graph_of(read_example("hand_lstm.model"), small, "HandLSTM");
  const Feeds feeds = test::random_feeds(loop, 2, 3);
  const std::vector<double> expected = output_with(loop, feeds);
  CHECK(evaluate(loop, feeds, 2).contains("update:h"));
  const Graph pasted = graph_of(read_example("hand_lstm_unrolled.model"), small_pasted);
  check_equal(output_with(pasted, cut(feeds)), expected);
  const Graph cell = graph_of(read_example("hand_lstm.model"), small, "HandCellLSTM");
  check_equal(output_with(cell, renamed(feeds, {{"embed.embeddings", "embedding.embeddings"},
                                                {"W", "HandCell.W"},
                                                {"U", "HandCell.U"},
                                                {"b", "HandCell.b"},
                                                {"h", "HandCell.h"},
                                                {"s", "HandCell.s"}})),
              expected);
  const Graph prelude = graph_of(read_model("char_stateful_lstm.model"), small);
  check_equal(output_with(prelude, renamed(feeds, {{"embed.embeddings", "embedding.embeddings"},
                                                   {"W", "lstm.kernel"},
                                                   {"U", "lstm.recurrent_kernel"},
                                                   {"b", "lstm.bias"},
                                                   {"h", "lstm.h"},
                                                   {"s", "lstm.s"}})),
              expected);
}

TEST_CASE("The vanilla recurrence in its four forms and from the prelude computes the same") {
  const std::string text = read_example("hand_rnn.model");
  const Graph loop = graph_of(text, small, "HandRnn");
  const Feeds feeds = test::random_feeds(loop, 2, 4);
  const std::vector<double> expected = output_with(loop, feeds);
  check_equal(output_with(graph_of(text, small_pasted, "HandRnnPasted"), cut(feeds)), expected);
  const Feeds cell = renamed(feeds, {{"embed.embeddings", "embedding.embeddings"},
                                     {"W", "Rnn.mix.kernel"},
                                     {"b", "Rnn.mix.bias"},
                                     {"U", "Rnn.U"}});
  check_equal(output_with(graph_of(text, small, "HandRnnCell"), cell), expected);
  const Feeds steps =
      renamed(feeds, {{"W", "rnn.mix.kernel"}, {"b", "rnn.mix.bias"}, {"U", "rnn.U"}});
  check_equal(output_with(graph_of(text, small, "HandRnnSteps"), steps), expected);
  const Feeds prelude = renamed(feeds, {{"embed.embeddings", "embedding.embeddings"},
                                        {"W", "simple_rnn.kernel"},
                                        {"b", "simple_rnn.bias"},
                                        {"U", "simple_rnn.recurrent_kernel"}});
  check_equal(output_with(graph_of(read_model("char_rnn.model"), small), prelude), expected);
}

TEST_CASE("Both GRUs by hand compute what the prelude's do") {
  const std::string text = read_example("hand_gru.model");
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"HandGRU", "PreludeGRU"}, {"HandGRUBefore", "PreludeGRUBefore"}};
  for (const auto& [hand, prelude] : pairs) {
    const Graph graph = graph_of(text, small, hand);
    const Feeds feeds = test::random_feeds(graph, 2, 5);
    const Feeds own = renamed(feeds, {{"embed.embeddings", "embedding.embeddings"},
                                      {"W", "gru.kernel"},
                                      {"U", "gru.recurrent_kernel"},
                                      {"b", "gru.bias"}});
    check_equal(output_with(graph_of(text, small, prelude), own), output_with(graph, feeds));
  }
}

TEST_CASE("The minimal GRU has its layers' weights under its name") {
  const Graph graph = graph_of(read_example("mingru.model"));
  const Rows expected = {{"embed.embeddings", "real[57, 42] uniform"},
                         {"mingru.z.kernel", "real[42, 256] glorot_uniform"},
                         {"mingru.z.bias", "real[256] zeros"},
                         {"mingru.n.kernel", "real[42, 256] glorot_uniform"},
                         {"mingru.n.bias", "real[256] zeros"},
                         {"dense.kernel", "real[256, 57] glorot_uniform"},
                         {"dense.bias", "real[57] zeros"}};
  CHECK(weights_of(graph) == expected);
}

}  // namespace coil::test::language_test
