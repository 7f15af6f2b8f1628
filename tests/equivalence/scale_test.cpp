// A recurrence that is pasted often is the same graph but for its length, and soon compiled.

#include <algorithm>
#include <catch2/catch.hpp>
#include <ctime>
#include <fmt/format.h>
#include <limits>
#include <sys/resource.h>

#include "compiler/graph/text.hpp"

#include "tests/equivalence/texts.hpp"
#include "tests/equivalence/written.hpp"
#include "tests/support/cases.hpp"

namespace coil::test::scale_test {
namespace {

// Sanitizers and builds that are not optimised take their time.
#if defined(COIL_SANITIZED) || !defined(NDEBUG)
constexpr double time_allowance = 20, memory_allowance = 5;
#else
constexpr double time_allowance = 1, memory_allowance = 1;
#endif

Written lstm(int steps) {
  return {
      fmt::format("  input x[{}]: real[42]\n  weight W: real[42, 2048] = glorot_uniform\n"
                  "  weight U: real[512, 2048] = orthogonal\n  weight b: real[2048] = lstm_bias\n"
                  "  state h, s: real[512]\n",
                  steps),
      "  i, f, g, o = split($x @ W + h @ U + b, 4)\n  s = sigmoid(f) * s + sigmoid(i) * tanh(g)\n"
      "  h = sigmoid(o) * tanh(s)\n  y[$t] = h\n",
      "  output y |> dense(57, softmax)\n",
      steps,
      {},
      ""};
}

// Of the processor: other programs may use it too. They slow memory down for all, so of three times the shortest is
// the text's; where a time is allowed that shows little, one will do.
struct Timed {
  FromText made;
  double seconds = std::numeric_limits<double>::infinity();
};

Timed timed(const std::string& text) {
  Timed best;
  for (int i = 0; i < (time_allowance > 1 ? 1 : 3); ++i) {
    const std::clock_t start = std::clock();
    best.made = compiled(text);
    best.seconds =
        std::min(best.seconds, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return best;
}

// The graph's text with its trip count and the sizes of sequences as those of another length, and without
// places.
std::string as_of_length(const Graph& graph, int from, int to) {
  std::string text;
  const std::string whole = to_text(graph);
  for (std::size_t at = 0; at < whole.size();) {
    const std::size_t end = whole.find('\n', at) + 1;
    std::string line = whole.substr(at, end - at);
    if (const auto place = line.find(", at: \""); place != std::string::npos)
      line.erase(place, line.find('"', place + 7) + 1 - place);
    text += line;
    at = end;
  }
  text = replaced(text, fmt::format("steps: {},", from), fmt::format("steps: {},", to));
  return replaced(text, fmt::format("[batch, {},", from), fmt::format("[batch, {},", to));
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

TEST_CASE("8, 512 and 4,096 pasted steps are one graph but for their number") {
  const Timed few = timed(as_steps(lstm(8))), more = timed(as_steps(lstm(512))),
              most = timed(as_steps(lstm(4096)));
  CHECK(trip_counts(few.made.canonical) == std::vector<std::int64_t>{8});
  CHECK(as_of_length(few.made.canonical, 8, 4096) == as_of_length(most.made.canonical, 4096, 4096));
  CHECK(as_of_length(more.made.canonical, 512, 4096) ==
        as_of_length(most.made.canonical, 4096, 4096));
  CHECK(to_text(most.made.canonical).size() < to_text(few.made.canonical).size() + 200);
  WARN(fmt::format("{:.3f} s, {:.3f} s, {:.3f} s; {:.0f} MB", few.seconds, more.seconds,
                   most.seconds, peak_megabytes()));
  CHECK(most.seconds < 2 * time_allowance);
  CHECK(most.seconds < 8 * 2 * more.seconds + 0.2);
  CHECK(peak_megabytes() < 1024 * memory_allowance);
}

TEST_CASE("A loop of 4,096 steps is that graph too, and so are inputs of their own") {
  const FromText pasted = compiled(as_steps(lstm(512)));
  CHECK(compiled(as_for(lstm(512))).name() == pasted.name());
  const int many = static_cast<int>(cases(4096));
  CHECK(compiled(as_for(lstm(many))).name() == compiled(as_steps(lstm(many))).name());
}

}  // namespace coil::test::scale_test
