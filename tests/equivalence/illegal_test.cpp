// Whatever changes the computation changes the graph; and where it breaks a recurrence at one step, the
// reason is told at its line.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/equivalence/texts.hpp"
#include "tests/equivalence/written.hpp"

namespace coil::test {
namespace {

struct Change {
  const char* name;
  std::string text;
  // The line, and the message that has to stand there; empty where the recurrence is a whole one still.
  int line = 0;
  std::string message = "";
};

bool is_told(const FromText& text, const Change& change) {
  for (const Remark& remark : text.remarks)
    if (remark.kind == Remark::Kind::missed && static_cast<int>(remark.place.line) == change.line &&
        remark.message == change.message)
      return true;
  return false;
}

void check_none_equal(const std::string& text, const std::vector<Change>& changes) {
  const FromText original = compiled(text);
  for (const Change& change : changes) {
    INFO(change.name << "\n" << change.text);
    const FromText changed = compiled(change.text);
    INFO("told:\n" << missed(changed));
    CHECK(changed.name() != original.name());
    CHECK(gap(changed, 1) < 1e-9);
    if (change.line != 0) CHECK(is_told(changed, change));
  }
}

const std::string x_in = "  input x[6]: real[3]\n";
const std::string weights =
    "  weight W: real[3, 3] = glorot_uniform\n  weight W2: real[3, 3] = glorot_uniform\n"
    "  weight U: real[3, 3] = glorot_uniform\n  weight U2: real[3, 3] = glorot_uniform\n"
    "  weight b: real[3] = zeros\n";
// Step t stands at line 9 + t.
const Written rnn{x_in + weights + "  h = zeros(3)\n",
                  "  h = tanh($x @ W + h @ U + b)\n",
                  "  output h |> dense(2, softmax)\n",
                  6,
                  {},
                  ""};

Written ending(Written written, const std::string& tail) {
  written.tail = tail;
  return written;
}
Written headed(Written written, const std::string& head) {
  written.head = head;
  return written;
}
Written lasting(Written written, int steps) {
  written.steps = steps;
  return written;
}

}  // namespace

TEST_CASE("A recurrence that is changed") {
  const std::string longer = replaced(rnn.head, "x[6]", "x[7]");
  Written all_tied = rnn;
  all_tied.step = "  h = tanh($x @ W + h @ W + b)\n";
  Written collected = rnn;
  collected.step += "  y[$t] = h\n";
  collected.tail = "  output y |> last |> dense(2, softmax)\n";
  Written first_element = ending(collected, "  output y[0] |> dense(2, softmax)\n");
  check_none_equal(
      as_steps(rnn),
      {
          {"another weight at one step", as_steps(rnn.with(3, "  h = tanh($x @ W + h @ U2 + b)\n")),
           12, "not rolled: step 4 uses weight 'U2', steps 5-6 use 'U'"},
          {"another weight at one step, told from below",
           as_steps(rnn.with(3, "  h = tanh($x @ W + h @ U2 + b)\n")), 12,
           "not rolled: step 4 uses weight 'U2', steps 1-3 use 'U'"},
          {"another weight at the last step",
           as_steps(rnn.with(5, "  h = tanh($x @ W2 + h @ U + b)\n")), 14,
           "not rolled: step 6 uses weight 'W2', steps 1-5 use 'W'"},
          {"another weight at the first step", as_steps(rnn.with(0, "  h = tanh($x @ W2 + b)\n")),
           9, "not rolled: step 1 uses weight 'W2', steps 2-6 use 'W'"},
          {"another activation at one step",
           as_steps(rnn.with(2, "  h = sigmoid($x @ W + h @ U + b)\n")), 11,
           "not rolled: step 3 uses sigmoid, steps 4-6 use tanh"},
          {"another activation at the last step",
           as_steps(rnn.with(5, "  h = relu($x @ W + h @ U + b)\n"))},
          {"no bias at one step", as_steps(rnn.with(3, "  h = tanh($x @ W + h @ U)\n")), 12,
           "not rolled: step 4 does not use weight 'b', steps 5-6 do"},
          {"something more at one step",
           as_steps(rnn.with(3, "  h = tanh($x @ W + h @ U + b + b)\n"))},
          {"steps out of order", as_steps(rnn.with(2, "  h = tanh(x[3] @ W + h @ U + b)\n")
                                              .with(3, "  h = tanh(x[2] @ W + h @ U + b)\n"))},
          {"a step left out", as_steps(rnn.with(3, ""))},
          {"one more step", as_steps(headed(lasting(rnn, 7), longer))},
          {"the last step twice",
           as_steps(
               rnn.with(5, "  h = tanh($x @ W + h @ U + b)\n  h = tanh($x @ W + h @ U + b)\n"))},
          {"an input used twice", as_steps(rnn.with(3, "  h = tanh(x[2] @ W + h @ U + b)\n"))},
          {"the memory after the first step", as_for(first_element)},
          {"a memory tapped in the middle",
           as_steps(ending(rnn.with(3, "  h = tanh($x @ W + h @ U + b)\n  m = h\n"),
                           "  output (h + m) |> dense(2, softmax)\n"))},
          {"the memory of two steps before",
           as_steps(rnn.with(2, "  m = h\n  h = tanh($x @ W + h @ U + b)\n")
                        .with(3, "  h = tanh($x @ W + m @ U + b)\n"))},
          {"other first values",
           as_steps(
               headed(rnn, replaced(rnn.head, "zeros(3)\n  h", "zeros(3)\n") + "  h = ones(3)\n"))},
          {"a state for the first value",
           as_steps(headed(rnn, x_in + weights + "  state h: real[3]\n"))},
          {"one weight for both", as_steps(all_tied)},
          {"a weight for two in the layer after",
           as_steps(ending(rnn, "  output h @ U |> dense(2, softmax)\n"))},
          {"a number at one step", as_steps(rnn.with(3, "  h = tanh($x @ W + 2 * (h @ U) + b)\n"))},
          {"reversed", as_for([] {
             Written backwards = rnn;
             backwards.step = "  h = tanh(x[5 - t] @ W + h @ U + b)\n";
             return backwards;
           }())},
          {"another sign", as_for([] {
             Written negated = rnn;
             negated.step = "  h = tanh($x @ W - h @ U + b)\n";
             return negated;
           }())},
      });
}

TEST_CASE("An LSTM that is changed") {
  const Written lstm{
      x_in +
          "  weight W: real[3, 8] = glorot_uniform\n  weight U: real[2, 8] = orthogonal\n"
          "  weight b: real[8] = lstm_bias\n  state h, s: real[2]\n",
      "  i, f, g, o = split($x @ W + h @ U + b, 4)\n"
      "  s = sigmoid(f) * s + sigmoid(i) * tanh(g)\n  h = sigmoid(o) * tanh(s)\n  y[$t] = h\n",
      "  output y |> dense(2, softmax)\n",
      6,
      {},
      ""};
  const auto with_step = [&](const std::string& from, const std::string& to) {
    Written changed = lstm;
    changed.step = replaced(lstm.step, from, to);
    return changed;
  };
  const auto at_step = [&](int t, const std::string& from, const std::string& to) {
    return lstm.with(t, replaced(lstm.step, from, to));
  };
  // Step t begins at line 7 + 4 t.
  check_none_equal(
      as_for(lstm),
      {
          {"a gate for another at one step", as_steps(at_step(2, "i, f, g, o", "f, i, g, o"))},
          {"a gate with another activation", as_for(with_step("sigmoid(o)", "hard_sigmoid(o)"))},
          {"a gate with another activation at one step",
           as_steps(at_step(2, "sigmoid(o)", "hard_sigmoid(o)")), 17,
           "not rolled: step 3 uses hard_sigmoid, steps 4-6 use sigmoid"},
          {"no activation of the memory", as_for(with_step("tanh(s)", "s"))},
          {"the memory shown before it is set",
           as_for(with_step(
               "  s = sigmoid(f) * s + sigmoid(i) * tanh(g)\n  h = sigmoid(o) * tanh(s)\n",
               "  h = sigmoid(o) * tanh(s)\n  s = sigmoid(f) * s + sigmoid(i) * tanh(g)\n"))},
          {"the other memory collected", as_for(with_step("y[$t] = h", "y[$t] = s"))},
          {"plain variables for states", as_for([&] {
             Written plain = lstm;
             plain.head =
                 replaced(lstm.head, "  state h, s: real[2]\n", "  h = zeros(2)\n  s = zeros(2)\n");
             return plain;
           }())},
          {"the gate of one step for the next",
           as_steps(at_step(3, "sigmoid(f) * s", "sigmoid(i) * s"))},
      });
}

}  // namespace coil::test
