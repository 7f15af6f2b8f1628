// Spellings of one graph, given the same weights, run to the same bits; and each keeps its own weights.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "compiler/compile/compile.hpp"
#include "compiler/graph/faces.hpp"
#include "compiler/source/load.hpp"

#include "tests/execute/run_graph.hpp"

namespace coil::test {
namespace {

constexpr std::int64_t batch = 6;

Graph canonical(const SourceFile& file, const std::string& model,
                const std::vector<Definition>& definitions) {
  Diagnostics diagnostics(file);
  Runner runner;
  auto compiled = compile(file, {model, definitions}, diagnostics, runner);
  INFO(diagnostics.render());
  REQUIRE(compiled);
  return std::move(compiled->canonical);
}

Graph of_repository(const std::string& path, const std::string& model = "") {
  return canonical(load_source(std::string(COIL_REPOSITORY) + "/" + path), model,
                   {{"vocab", "11"}, {"factors", "5"}, {"hidden", "24"}});
}

Graph of_text(const std::string& text) { return canonical(SourceFile("m.model", text), "", {}); }

// Equal graphs have equal nodes, but for names: from the leaves' names in one to those in the other.
std::map<std::string, std::string> names_between(const Graph& from, const Graph& to) {
  REQUIRE(from.size() == to.size());
  std::map<std::string, std::string> names;
  for (const Op op : {Op::input, Op::weight, Op::state})
    for (const NodeId id : leaves(from, op)) {
      REQUIRE(to.node(id).op == op);
      REQUIRE(to.node(id).types == from.node(id).types);
      names.emplace(leaf_name(from.node(id)), leaf_name(to.node(id)));
    }
  return names;
}

template <typename Values>
std::map<std::string, Values> renamed(const std::map<std::string, Values>& values,
                                      const std::map<std::string, std::string>& names) {
  std::map<std::string, Values> result;
  for (const auto& [name, value] : values) {
    std::string kind;
    for (const std::string prefix : {"gradient:", "update:"})
      if (name.starts_with(prefix)) kind = prefix;
    const auto known = names.find(name.substr(kind.size()));
    result.emplace(kind + (known == names.end() ? name.substr(kind.size()) : known->second), value);
  }
  return result;
}

std::string first_difference(const Outputs& a, const Outputs& b) {
  for (const auto& [name, values] : a) {
    if (!b.contains(name)) return name + " is missing";
    if (b.at(name).values != values.values) return name;
  }
  return a.size() == b.size() ? "none" : "one has more outputs";
}

// Loss, gradients, predictions and new states of both, given the same weights, inputs and states.
void check_same_bits(const Graph& first, const Graph& second) {
  const auto names = names_between(first, second);
  for (const Entry entry : {Entry::gradients, Entry::predict}) {
    const Graph a = Runner().derive(first, entry), b = Runner().derive(second, entry);
    const Feeds feeds = rounded_to_float(random_feeds(a, batch, 7));
    for (const int threads : {1, 2}) {
      const Outputs mine = run_graph(a, feeds, batch, threads);
      const Outputs other = run_graph(b, renamed(feeds, names), batch, threads);
      CHECK(first_difference(renamed(mine, names), other) == "none");
      if (entry == Entry::gradients) CHECK(mine.at("loss").values[0] > 0);
    }
  }
}

std::vector<std::string> weights_of(const Graph& graph) {
  std::vector<std::string> weights;
  for (const StoredWeight& weight : stored_weights(graph))
    weights.push_back(fmt::format("{} {}", weight.name, to_string(weight.shape)));
  std::ranges::sort(weights);
  return weights;
}

// An LSTM whose gates come of `gates`, from weights that `weights` declares.
std::string lstm_text(const std::string& weights, const std::string& gates) {
  return "model M() {\n  input c[6]: index(9)\n  layer embed = embedding(9, 4)\n" + weights +
         "  state h: real[8]\n  state s: real[8]\n  for t in 0..6 {\n    x = embed(c[t])\n" +
         gates +
         "    s = sigmoid(f) * s + sigmoid(i) * tanh(g)\n    h = sigmoid(o) * tanh(s)\n"
         "    y[t] = h\n  }\n  output y |> dense(9, softmax)\n}\n";
}

}  // namespace

TEST_CASE("Spellings of one graph have the same losses, gradients and outputs to the last bit") {
  const std::vector<std::vector<Graph>> families = {
      {of_repository("models/char_stateful_lstm.model"),
       of_repository("examples/hand_lstm.model", "HandLSTM"),
       of_repository("examples/hand_lstm.model", "HandCellLSTM"),
       of_repository("examples/hand_lstm_unrolled.model")},
      {of_repository("models/char_rnn.model"), of_repository("examples/hand_rnn.model", "HandRnn"),
       of_repository("examples/hand_rnn.model", "HandRnnPasted")},
      {of_repository("examples/hand_gru.model", "PreludeGRU"),
       of_repository("examples/hand_gru.model", "HandGRU"),
       of_repository("examples/hand_gru.model", "HandGRUCell")},
  };
  for (const auto& family : families)
    for (std::size_t i = 1; i < family.size(); ++i) {
      INFO(family[0].name << " and " << family[i].name);
      check_same_bits(family[0], family[i]);
    }
}

TEST_CASE("One kernel, four kernels and one over a concatenation are one graph to the last bit") {
  const Graph fused =
      of_text(lstm_text("  weight W: real[4, 32] = glorot_uniform\n"
                        "  weight U: real[8, 32] = orthogonal\n"
                        "  weight b: real[32] = zeros\n",
                        "    i, f, g, o = split(x @ W + h @ U + b, 4)\n"));
  const Graph over_both =
      of_text(lstm_text("  weight V: real[12, 32] = glorot_uniform\n"
                        "  weight b: real[32] = zeros\n",
                        "    i, f, g, o = split(concat(x, h) @ V + b, 4)\n"));
  std::string four_weights, four_gates;
  std::vector<std::string> four_names;
  for (const std::string gate : {"i", "f", "g", "o"}) {
    four_weights += fmt::format(
        "  weight W{0}: real[4, 8] = glorot_uniform\n"
        "  weight U{0}: real[8, 8] = orthogonal\n"
        "  weight b{0}: real[8] = zeros\n",
        gate);
    four_gates += fmt::format("    {0} = x @ W{0} + h @ U{0} + b{0}\n", gate);
    four_names.insert(four_names.end(),
                      {"W" + gate + " [4, 8]", "U" + gate + " [8, 8]", "b" + gate + " [8]"});
  }
  const Graph four = of_text(lstm_text(four_weights, four_gates));
  check_same_bits(fused, four);
  check_same_bits(fused, over_both);

  const std::vector<std::string> head = {"dense.bias [9]", "dense.kernel [8, 9]",
                                         "embed.embeddings [9, 4]"};
  const auto with_head = [&](std::vector<std::string> names) {
    names.insert(names.end(), head.begin(), head.end());
    std::ranges::sort(names);
    return names;
  };
  CHECK(weights_of(fused) == with_head({"U [8, 32]", "W [4, 32]", "b [32]"}));
  CHECK(weights_of(over_both) == with_head({"V [12, 32]", "b [32]"}));
  CHECK(weights_of(four) == with_head(four_names));
}

TEST_CASE("Graphs that are not one do not run to the same bits") {
  const Graph first =
      of_text(lstm_text("  weight W: real[4, 32] = glorot_uniform\n"
                        "  weight U: real[8, 32] = orthogonal\n",
                        "    i, f, g, o = split(x @ W + h @ U, 4)\n"));
  const Graph swapped =
      of_text(lstm_text("  weight W: real[4, 32] = glorot_uniform\n"
                        "  weight U: real[8, 32] = orthogonal\n",
                        "    i, g, f, o = split(x @ W + h @ U, 4)\n"));
  const Graph a = Runner().derive(first, Entry::predict),
              b = Runner().derive(swapped, Entry::predict);
  const Feeds feeds = rounded_to_float(random_feeds(a, batch, 7));
  CHECK(first_difference(run_graph(a, feeds, batch), run_graph(b, feeds, batch)) != "none");
}

}  // namespace coil::test
