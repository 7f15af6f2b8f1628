// Elaborating is linear: these would take minutes if a step looked back at all before it.

#include <catch2/catch.hpp>
#include <chrono>

#include "tests/semantics/support.hpp"

using namespace coil;
using namespace coil::testing;

namespace {

std::string repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Generous: sanitizers and a busy machine; a quadratic step takes far more.
constexpr double limit = 20;

}  // namespace

TEST_CASE("Twenty thousand steps") {
  const std::string text =
      "model M() {\n  input c: index(57)\n  layer embed = embedding(57, 4)\n"
      "  layer encode = dense(8, relu)\n  layer mix = dense(8, tanh)\n  h = "
      "mix(encode(embed(c)))\n" +
      repeat("  h = mix(h + encode(embed(c)))\n", 20'000) + "  output h\n}\n";
  const Stopwatch watch;
  const Outcome outcome = elaborate_text(text);
  REQUIRE(outcome.graph);
  CHECK(outcome.graph->size() > 80'000);
  CHECK(watch.seconds() < limit);
}

TEST_CASE("A sum of a hundred thousand terms on one line") {
  const std::string text =
      "model M() {\n  input x: real[4]\n  output x" + repeat("+x", 100'000) + "\n}\n";
  const Stopwatch watch;
  const Outcome outcome = elaborate_text(text);
  REQUIRE(outcome.graph);
  CHECK(outcome.graph->size() == 100'001);
  CHECK(watch.seconds() < limit);
}

TEST_CASE("Ten thousand layers without a name") {
  const std::string text =
      "model M() {\n  input x: real[4]\n  output x" + repeat(" |> dense(4)", 10'000) + "\n}\n";
  const Stopwatch watch;
  const Outcome outcome = elaborate_text(text);
  REQUIRE(outcome.graph);
  CHECK(outcome.graph->layers.back().name == "dense_9999");
  CHECK(watch.seconds() < limit);
}

TEST_CASE("Twenty thousand mistakes among as many names") {
  std::string text = "model M() {\n  input x: real[4]\n";
  for (int i = 0; i < 20'000; ++i) {
    const std::string number = std::to_string(i);
    text += "  name" + number + " = x + mane" + number + "\n";
  }
  text += "  output x\n}\n";
  const Stopwatch watch;
  const Outcome outcome = elaborate_text(text);
  CHECK(!outcome.graph);
  CHECK(watch.seconds() < limit);
}

TEST_CASE("Four thousand steps of an LSTM, as a cell and as a loop") {
  const std::string cell = read_model("char_stateful_lstm.model");
  const std::string loop = read_example("hand_lstm.model");
  const Stopwatch watch;
  const Graph first = graph_of(cell, {{"steps", "4096"}});
  const Graph second = graph_of(loop, {{"steps", "4096"}}, "HandLSTM");
  CHECK(first.size() > 80'000);
  CHECK(first.size() == second.size());
  CHECK(watch.seconds() < limit);
}

TEST_CASE("What would be too much is refused before it is begun") {
  const std::string head =
      "model M(n = 1000) {\n  input x: real[4]\n  input s[100000000]: real[4]\n";
  const std::vector<std::string> texts = {
      "  for t in 0..4000000000 {\n    h = x + t\n  }\n",
      "  for a in 0..n {\n    for b in 0..n {\n      for c in 0..n {\n        k = c\n      }\n"
      "    }\n  }\n",
      "  for a in 0..9223372036854775807 {\n    for b in 0..9223372036854775807 {\n      k = b\n"
      "    }\n  }\n",
      "  for t in 0 - 9223372036854775807..9223372036854775807 {\n    k = t\n  }\n",
      "  y = s |> lstm(4)\n",
      "  y = s + 1\n",
      "  a, b = split(zeros(2000000000), 2000000000)\n",
  };
  for (const std::string& text : texts) {
    const Stopwatch watch;
    const std::string messages = messages_of(head + text + "  output x\n}\n");
    INFO(messages);
    CHECK(messages.find("and the limit is 4000000") != std::string::npos);
    CHECK(watch.seconds() < 2);
  }
}

TEST_CASE("Cells within cells are refused past a depth, and counted without going there") {
  std::string text = "cell C0(n) {\n  step(x) {\n    yield x + n\n  }\n}\n";
  for (int i = 1; i < 5000; ++i) {
    text +=
        fmt::format("cell C{}(n) {{\n  step(x) {{\n    yield x |> C{}(n)\n  }}\n}}\n", i, i - 1);
  }
  const auto model = [](int cell) {
    return fmt::format("model M() {{\n  input x: real[4]\n  output x |> C{}(4)\n}}\n", cell);
  };
  CHECK(graph_of(text + model(63)).size() == 3);
  CHECK(messages_of(text + model(4999)).find("within 64 others, and that is the limit") !=
        std::string::npos);
}

TEST_CASE("Cells that double with each level are refused by their count") {
  std::string text = "cell C0(n) {\n  step(x) {\n    yield x + n\n  }\n}\n";
  for (int i = 1; i < 60; ++i) {
    const std::string inner = "C" + std::to_string(i - 1);
    text += "cell C" + std::to_string(i) + "(n) {\n  layer a = " + inner +
            "(n)\n  layer b = " + inner + "(n)\n  step(x) {\n    yield a(x) + b(x)\n  }\n}\n";
  }
  const Stopwatch watch;
  CHECK(messages_of(text + "model M() {\n  input x: real[4]\n  output x |> C59(4)\n}\n")
            .find("cell 'C59' would bring the graph to") != std::string::npos);
  CHECK(watch.seconds() < 2);
}
