// Whatever changes the text and not the computation leaves the graph as it is.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/equivalence/texts.hpp"
#include "tests/equivalence/written.hpp"

namespace coil::test::legal_test {
namespace {

struct Rewrite {
  const char* name;
  std::string text;
};

void check_all_equal(const std::string& text, const std::vector<Rewrite>& rewrites) {
  const FromText original = compiled(text);
  REQUIRE_FALSE(trip_counts(original.canonical).empty());
  for (const Rewrite& rewrite : rewrites) {
    INFO(rewrite.name << "\n" << rewrite.text);
    const FromText rewritten = compiled(rewrite.text);
    CHECK(rewritten.name() == original.name());
    CHECK(trip_counts(rewritten.canonical) == trip_counts(original.canonical));
    CHECK(gap(rewritten, 1) < 1e-9);
  }
}

// ---- h = tanh(x @ W + h @ U + b)

const std::string x_in = "  input x[5]: real[3]\n";
const std::string wub =
    "  weight W: real[3, 4] = glorot_uniform\n  weight U: real[4, 4] = glorot_uniform\n"
    "  weight b: real[4] = zeros\n";
const Written rnn{x_in + wub + "  h = zeros(4)\n",
                  "  h = tanh($x @ W + h @ U + b)\n",
                  "  output h |> dense(2, softmax)\n",
                  5,
                  {},
                  ""};

Written stepping(Written written, const std::string& step) {
  written.step = step;
  return written;
}
Written headed(Written written, const std::string& head) {
  written.head = head;
  return written;
}
Written ending(Written written, const std::string& tail) {
  written.tail = tail;
  return written;
}

}  // namespace

TEST_CASE("A recurrence by its steps, rewritten") {
  const std::string separate = "  input x0, x1, x2, x3, x4: real[3]\n";
  const std::string zeros = "  h = zeros(4)\n";
  const std::string cell =
      "cell R(units) {\n  weight W: real[width, units] = glorot_uniform\n"
      "  weight U: real[units, units] = glorot_uniform\n  weight b: real[units] = zeros\n"
      "  state h: real[units]\n  step(x) {\n    h = tanh(x @ W + h @ U + b)\n    yield h\n  }\n}\n";
  const std::string outer =
      "cell O(units) {\n  layer inner = R(units)\n  step(x) {\n"
      "    yield inner(x)\n  }\n}\n";
  Written of_inputs = headed(rnn, separate + wub + zeros);
  Written in_cells = rnn;
  in_cells.before = cell;
  in_cells.head = x_in;
  in_cells.step = "    y[$t] = r($x)\n";
  in_cells.tail = "  output y |> last |> dense(2, softmax)\n";
  Written shuffled = rnn;
  shuffled.head =
      "  weight b: real[4] = zeros\n  h = zeros(4)\n  input x[5]: real[3]\n"
      "  weight U: real[4, 4] = glorot_uniform\n  weight W: real[3, 4] = glorot_uniform\n";
  check_all_equal(
      as_for(rnn),
      {
          {"pasted", as_steps(rnn)},
          {"inputs of their own", as_steps(of_inputs, true)},
          {"operands swapped", as_for(stepping(rnn, "  h = tanh(b + (h @ U + $x @ W))\n"))},
          {"operands swapped at one step",
           as_steps(rnn.with(2, "  h = tanh(b + (h @ U + $x @ W))\n"))},
          {"operands swapped at the last step",
           as_steps(rnn.with(4, "  h = tanh($x @ W + (b + h @ U))\n"))},
          {"grouped otherwise at the last step",
           as_steps(stepping(rnn, "  h = tanh($x @ W + (b + h @ U))\n")
                        .with(4, "  h = tanh(($x @ W + b) + h @ U)\n"))},
          {"grouped otherwise at all but the last step",
           as_steps(stepping(rnn, "  h = tanh(($x @ W + b) + h @ U)\n")
                        .with(4, "  h = tanh($x @ W + (b + h @ U))\n"))},
          {"operands swapped at the first step", as_steps(rnn.with(0, "  h = tanh(b + $x @ W)\n"))},
          {"helper variables",
           as_for(stepping(rnn, "  p = $x @ W\n  q = h @ U\n  s = p + q\n  h = tanh(s + b)\n"))},
          {"a helper at one step",
           as_steps(rnn.with(3, "  s = h @ U\n  h = tanh($x @ W + s + b)\n"))},
          {"names changed", replaced(replaced(as_for(rnn), "W", "kernel"), "b", "offset")},
          {"the first step without the zero", as_steps(rnn.with(0, "  h = tanh($x @ W + b)\n"))},
          {"plus zero", as_for(stepping(rnn, "  h = tanh($x @ W + h @ U + b + 0)\n"))},
          {"times one", as_for(stepping(rnn, "  h = tanh($x @ W + 1 * (h @ U) + b) * 1\n"))},
          {"numbers folded", as_for(stepping(rnn, "  h = tanh($x @ W + (3 - 2) * (h @ U) + b)\n"))},
          {"minus a minus", as_for(stepping(rnn, "  h = tanh($x @ W - (-(h @ U)) + b)\n"))},
          {"one over a concatenation",
           as_for(headed(
               stepping(rnn, "  h = tanh(concat($x, h) @ V + b)\n"),
               x_in + "  weight V: real[7, 4] = glorot_uniform\n  weight b: real[4] = zeros\n" +
                   zeros))},
          {"a concatenation the other way",
           as_for(headed(
               stepping(rnn, "  h = tanh(concat(h, $x) @ V + b)\n"),
               x_in + "  weight V: real[7, 4] = glorot_uniform\n  weight b: real[4] = zeros\n" +
                   zeros))},
          {"rows of one weight",
           as_for(headed(
               stepping(rnn, "  h = tanh($x @ V[0:3, :] + h @ V[3:7, :] + b)\n"),
               x_in + "  weight V: real[7, 4] = glorot_uniform\n  weight b: real[4] = zeros\n" +
                   zeros))},
          {"a layer does the product",
           as_for(headed(stepping(rnn, "  h = tanh(mix($x) + h @ U)\n"),
                         x_in +
                             "  layer mix = dense(4)\n  weight U: real[4, 4] = glorot_uniform\n" +
                             zeros))},
          {"a layer with the activation",
           as_for(headed(stepping(rnn, "  h = tanh($x @ W + mix(h))\n"),
                         x_in +
                             "  weight W: real[3, 4] = glorot_uniform\n  layer mix = dense(4)\n" +
                             zeros))},
          {"a value that nobody uses",
           as_for(stepping(rnn, "  u = sigmoid($x) * 2\n  h = tanh($x @ W + h @ U + b)\n"))},
          {"a weight that nobody uses",
           as_for(headed(rnn, x_in + wub + "  weight Z: real[9] = zeros\n" + zeros))},
          {"a carry that nobody uses",
           as_for(headed(stepping(rnn, "  h = tanh($x @ W + h @ U + b)\n  k = tanh(k + $x)\n"),
                         x_in + wub + zeros + "  k = zeros(3)\n"))},
          {"statements in another order", as_for(shuffled)},
          {"a cell on the sequence",
           cell + "model M() {\n" + x_in + "  output x |> R(4) |> last |> dense(2, softmax)\n}\n"},
          {"a cell on each element", as_for([&] {
             Written written = in_cells;
             written.head += "  layer r = R(4)\n";
             return written;
           }())},
          {"a cell in a cell",
           [&] {
             Written written = in_cells;
             written.before = cell + outer;
             written.head += "  layer r = O(4)\n";
             return as_for(written);
           }()},
          {"the built-in layer",
           "model M() {\n" + x_in +
               "  output x |> simple_rnn(4) |> last |> dense(2, softmax)\n}\n"},
          {"a call for a pipeline",
           as_for(ending(rnn, "  layer d = dense(2, softmax)\n  output d(h)\n"))},
          {"the activation apart", as_for(ending(rnn, "  output softmax(h |> dense(2))\n"))},
          {"collected, and the last one", as_for([&] {
             Written written = ending(rnn, "  output y |> last |> dense(2, softmax)\n");
             written.step += "  y[$t] = h\n";
             return written;
           }())},
          {"two loops", "model M() {\n" + rnn.head + "  for t in 0..2 {\n" +
                            replaced(rnn.step, "$x", "x[t]") + "  }\n  for t in 2..5 {\n" +
                            replaced(rnn.step, "$x", "x[t]") + "  }\n" + rnn.tail + "}\n"},
          {"a loop and steps", "model M() {\n" + rnn.head + replaced(rnn.step, "$x", "x[0]") +
                                   "  for t in 1..4 {\n" + replaced(rnn.step, "$x", "x[t]") +
                                   "  }\n" + replaced(rnn.step, "$x", "x[4]") + rnn.tail + "}\n"},
      });
}

TEST_CASE("A tied recurrence, factored and distributed") {
  const Written tied{
      "  input x[5]: real[4]\n  weight W: real[4, 4] = glorot_uniform\n  h = zeros(4)\n",
      "  h = tanh((h + $x) @ W)\n",
      "  output h |> dense(2, softmax)\n",
      5,
      {},
      ""};
  check_all_equal(
      as_for(tied),
      {
          {"distributed", as_for(stepping(tied, "  h = tanh(h @ W + $x @ W)\n"))},
          {"distributed and swapped", as_for(stepping(tied, "  h = tanh($x @ W + h @ W)\n"))},
          {"distributed, pasted, first step bare",
           as_steps(
               stepping(tied, "  h = tanh($x @ W + h @ W)\n").with(0, "  h = tanh($x @ W)\n"))},
          {"distributed at one step", as_steps(tied.with(2, "  h = tanh(h @ W + $x @ W)\n"))},
          {"first step bare", as_steps(tied.with(0, "  h = tanh($x @ W)\n"))},
          {"a difference of a negation", as_for(stepping(tied, "  h = tanh((h - (-$x)) @ W)\n"))},
          {"a layer without a bias by hand",
           as_for(stepping(tied, "  s = $x + h\n  h = s @ W |> tanh\n"))},
      });
}

namespace {

const std::string lstm_head =
    "  weight W: real[3, 8] = glorot_uniform\n  weight U: real[2, 8] = orthogonal\n"
    "  weight b: real[8] = lstm_bias\n";
const Written lstm{
    x_in + lstm_head + "  state h, s: real[2]\n",
    "    i, f, g, o = split($x @ W + h @ U + b, 4)\n"
    "    s = sigmoid(f) * s + sigmoid(i) * tanh(g)\n    h = sigmoid(o) * tanh(s)\n    y[$t] = h\n",
    "  output y |> dense(2, softmax)\n",
    5,
    {},
    ""};

std::string separate_kernels() {
  std::string text;
  for (const char* gate : {"i", "f", "g", "o"})
    text += fmt::format(
        "  weight W{0}: real[3, 2] = glorot_uniform\n  weight U{0}: real[2, 2] = orthogonal\n"
        "  weight b{0}: real[2] = zeros\n",
        gate);
  return text;
}

}  // namespace

TEST_CASE("An LSTM, rewritten") {
  const std::string states = "  state h, s: real[2]\n";
  const std::string gates =
      "    s = sigmoid(f) * s + sigmoid(i) * tanh(g)\n    h = sigmoid(o) * tanh(s)\n    y[$t] = "
      "h\n";
  std::string of_kernels, of_layers, layers;
  for (const char* gate : {"f", "o", "i", "g"}) {
    of_kernels += fmt::format("    {0} = h @ U{0} + $x @ W{0} + b{0}\n", gate);
    of_layers += fmt::format("    {0} = d{0}(concat($x, h))\n", gate);
    layers += fmt::format("  layer d{} = dense(2)\n", gate);
  }
  const std::string sliced =
      "    a = $x @ W + h @ U + b\n    i = a[0:2]\n    f = a[2:4]\n    g = a[4:6]\n    o = "
      "a[6:8]\n";
  check_all_equal(
      as_for(lstm),
      {
          {"pasted", as_steps(lstm)},
          {"separate kernels",
           as_for(headed(stepping(lstm, of_kernels + gates), x_in + separate_kernels() + states))},
          {"layers over a concatenation",
           as_for(headed(stepping(lstm, of_layers + gates), x_in + layers + states))},
          {"slices for a split", as_for(stepping(lstm, sliced + gates))},
          {"parts of the weights",
           as_for(stepping(lstm,
                           "    i, f = split($x @ W[:, 0:4] + h @ U[:, 0:4] + b[0:4], 2)\n"
                           "    g, o = split($x @ W[:, 4:8] + h @ U[:, 4:8] + b[4:8], 2)\n" +
                               gates))},
          {"two splits added",
           as_for(stepping(
               lstm,
               "    xi, xf, xg, xo = split($x @ W + b, 4)\n    hi, hf, hg, ho = split(h @ U, 4)\n"
               "    i = xi + hi\n    f = hf + xf\n    g = xg + hg\n    o = xo + ho\n" +
                   gates))},
          {"one weight over a concatenation",
           as_for(headed(
               stepping(lstm, "    i, f, g, o = split(concat($x, h) @ V + b, 4)\n" + gates),
               x_in + "  weight V: real[5, 8] = glorot_uniform\n  weight b: real[8] = zeros\n" +
                   states))},
          {"states renamed",
           as_for(headed(stepping(lstm,
                                  "    i, f, g, o = split($x @ W + p @ U + b, 4)\n"
                                  "    q = sigmoid(f) * q + sigmoid(i) * tanh(g)\n"
                                  "    p = sigmoid(o) * tanh(q)\n    y[$t] = p\n"),
                         x_in + lstm_head + "  state p, q: real[2]\n"))},
          {"operands of the gates swapped",
           as_for(stepping(lstm,
                           "    i, f, g, o = split(b + (h @ U + $x @ W), 4)\n"
                           "    s = tanh(g) * sigmoid(i) + s * sigmoid(f)\n    h = tanh(s) * "
                           "sigmoid(o)\n    y[$t] = h\n"))},
          {"the built-in layer",
           "model M() {\n" + x_in +
               "  output x |> lstm(2, stateful = true) |> dense(2, softmax)\n}\n"},
      });
}

TEST_CASE("A gate against one minus a gate") {
  const Written gated{x_in + "  layer z = dense(4)\n  layer n = dense(4)\n  h = zeros(4)\n",
                      "  g = sigmoid(z($x))\n  h = (1 - g) * h + g * n($x)\n    y[$t] = h\n",
                      "  output y |> dense(2, softmax)\n",
                      5,
                      {},
                      ""};
  check_all_equal(
      as_for(gated),
      {
          {"ones for a number",
           as_for(stepping(
               gated,
               "  g = sigmoid(z($x))\n  h = (ones(4) - g) * h + g * n($x)\n    y[$t] = h\n"))},
          {"a negation added",
           as_for(stepping(
               gated, "  g = sigmoid(z($x))\n  h = (1 + (-g)) * h + g * n($x)\n    y[$t] = h\n"))},
          {"pasted", as_steps(gated)},
          {"the first step bare",
           as_steps(gated.with(0, "  g = sigmoid(z($x))\n  h = g * n($x)\n  y[$t] = h\n"))},
      });
}

}  // namespace coil::test::legal_test
