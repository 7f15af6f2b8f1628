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
