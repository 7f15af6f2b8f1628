// Recurrences of every shape roll, and compute what the text says.

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/equivalence/texts.hpp"

namespace coil::test {
namespace {

struct ShapeCase {
  const char* name;
  std::string lines;
  std::vector<std::int64_t> scans;  // their trip counts, sorted
};

void check_shape(const ShapeCase& shape) {
  const std::string text = "model M() {\n  input x[5]: real[3]\n" + shape.lines + "}\n";
  INFO(shape.name << "\n" << text);
  const FromText made = compiled(text);
  std::vector<std::int64_t> counts = trip_counts(made.canonical);
  std::ranges::sort(counts);
  CHECK(counts == shape.scans);
  CHECK(gap(made, 3) < 1e-9);
}

}  // namespace

TEST_CASE("Recurrences of every shape roll") {
  const std::vector<ShapeCase> shapes = {
      {"two layers", "  output x |> simple_rnn(4) |> lstm(2) |> last\n", {5, 5}},
      {"three layers",
       "  output x |> gru(4) |> simple_rnn(2) |> lstm(3) |> last |> dense(2, softmax)\n",
       {5, 5, 5}},
      {"three layers, collected",
       "  output x |> lstm(4) |> lstm(4) |> lstm(4) |> dense(2, softmax)\n",
       {5, 5, 5}},
      {"side by side",
       "  output concat(x |> simple_rnn(4) |> last, x |> simple_rnn(4) |> last)\n",
       {5, 5}},
      {"a state feeds the head",
       "  layer r = simple_rnn(4, stateful = true)\n  y = x |> r\n  output y |> last |> dense(2, "
       "softmax)\n",
       {5}},
      {"read backwards",
       "  layer f = dense(4)\n  layer b = dense(4)\n  weight U: real[4, 4] = orthogonal\n"
       "  weight V: real[4, 4] = orthogonal\n  h = zeros(4)\n  k = zeros(4)\n"
       "  for t in 0..5 {\n    h = tanh(f(x[t]) + h @ U)\n    k = tanh(b(x[4 - t]) + k @ V)\n  }\n"
       "  output concat(h, k)\n",
       {5, 5}},
      {"an accumulator",
       "  s = zeros(3)\n  for t in 0..5 {\n    s = s + tanh(x[t])\n    y[t] = s\n  }\n  output y\n",
       {5}},
      {"a residual recurrence",
       "  layer f = dense(3, tanh)\n  h = zeros(3)\n  for t in 0..5 {\n    h = h + f(concat(h, "
       "x[t]))\n  }\n  output h\n",
       {5}},
      {"an element and the one before",
       "  layer f = dense(4)\n  layer g = dense(4)\n  weight U: real[4, 4] = orthogonal\n  h = "
       "zeros(4)\n"
       "  for t in 1..5 {\n    h = tanh(f(x[t]) + g(x[t - 1]) + h @ U)\n  }\n  output h\n",
       {4}},
  };
  for (const ShapeCase& shape : shapes) check_shape(shape);
}

// `k` is `h` one step late: what a step leaves there is what it was given as `h`.
TEST_CASE("A memory of the step before the last is carried") {
  const char* renewals[] = {"h = tanh(x[t] + h @ U + k)", "h = tanh(k + (h @ U + x[t]))",
                            "h = h * sigmoid(k) + tanh(x[t])"};
  for (const std::string renewal : renewals)
    check_shape({"memories handed on",
                 "  weight U: real[3, 3] = orthogonal\n  state h, k: real[3]\n  for t in 0..5 {\n"
                 "    m = h\n    " +
                     renewal + "\n    k = m\n    y[t] = h\n  }\n  output y\n",
                 {5}});
}

// The memory's last value is used by nobody, and its update reads what the step does not.
TEST_CASE("A memory that is read before it is renewed is carried over all steps") {
  check_shape(
      {"read late",
       "  weight U: real[3, 3] = orthogonal\n  weight V: real[3, 3] = orthogonal\n"
       "  layer f = dense(3)\n  layer p = dense(3)\n  layer q = dense(3)\n  h = p(x[0])\n"
       "  a = q(x[0])\n"
       "  for t in 0..5 {\n    h = tanh(h @ U + a)\n    a = tanh(f(x[t]) + h @ V + a)\n  }\n"
       "  output h\n",
       {5}});
}

// Which is seen only when the step's sums are opened: a - a is nothing.
TEST_CASE("A memory that every step leaves as it was is not carried") {
  const ShapeCase shape = {
      "left as it was",
      "  weight U: real[3, 3] = orthogonal\n  state h: real[3]\n  state k: real[3]\n"
      "  for t in 0..5 {\n    a = h + h - sigmoid(h)\n    h = tanh(x[t] + h @ U + k)\n"
      "    k = k + tanh(relu(h) * (a - a))\n  }\n  output h\n",
      {5}};
  check_shape(shape);
}

}  // namespace coil::test
