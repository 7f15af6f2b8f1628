// Recurrences against plain loops over numbers, written here without the compiler's help.

#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/graph/evaluate.hpp"

#include "tests/semantics/support.hpp"
#include "tests/support/feeds.hpp"

using namespace coil;
using namespace coil::testing;

namespace coil::test::recurrence_test {
namespace {

using Row = std::vector<double>;

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double hard(double x) { return std::min(1.0, std::max(0.0, 0.2 * x + 0.5)); }

// x @ w, of the columns [begin, begin + size) of w.
Row product(const Row& x, const Array& w, std::size_t begin, std::size_t size) {
  const auto columns = static_cast<std::size_t>(w.dims[1]);
  Row y(size, 0);
  for (std::size_t j = 0; j < size; ++j)
    for (std::size_t i = 0; i < x.size(); ++i) y[j] += x[i] * w.values[i * columns + begin + j];
  return y;
}

// Step t of sample n of a sequence real[batch, steps, width].
Row step_of(const Array& x, std::size_t n, std::size_t t) {
  const auto steps = static_cast<std::size_t>(x.dims[1]);
  const auto width = static_cast<std::size_t>(x.dims[2]);
  const auto at = x.values.begin() + static_cast<std::ptrdiff_t>((n * steps + t) * width);
  return Row(at, at + static_cast<std::ptrdiff_t>(width));
}

constexpr std::int64_t batch = 2;
constexpr std::size_t steps = 3;
constexpr std::size_t units = 2;

// One memory row after another, by a function (x, memory) -> new memory, from `memory` on; all memories of all
// samples, [batch, steps, units].
template <typename Step>
Row run(const Array& x, Row memory, Step step) {
  Row all;
  for (std::size_t n = 0; n < batch; ++n) {
    Row h = memory;
    for (std::size_t t = 0; t < steps; ++t) {
      h = step(step_of(x, n, t), h);
      all.insert(all.end(), h.begin(), h.begin() + units);
    }
  }
  return all;
}

void check_close(const Row& actual, const Row& expected) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    CHECK(actual[i] == Approx(expected[i]).epsilon(1e-12).margin(1e-13));
  }
}

// `input x[3]: real[3]` and these lines.
struct Case {
  Graph graph;
  Feeds feeds;
  std::map<std::string, Array> results;

  explicit Case(const std::string& lines, const std::string& cells = "")
      : graph(graph_of(cells + "model M() {\n  input x[3]: real[3]\n" + lines + "\n}\n")),
        feeds(test::random_feeds(graph, batch, 7)),
        results(evaluate(graph, feeds, batch)) {}

  const Array& x() const { return feeds.at("x"); }
  const Row& output() const { return results.at("output").values; }
};

Row lstm_step(const Feeds& feeds, const std::string& name, const Row& x, const Row& memory,
              double (*gate)(double)) {
  const Row h(memory.begin(), memory.begin() + units);
  Row next(2 * units);
  const Row a = product(x, feeds.at(name + "kernel"), 0, 4 * units);
  const Row b = product(h, feeds.at(name + "recurrent_kernel"), 0, 4 * units);
  const Row& bias = feeds.at(name + "bias").values;
  const auto sum = [&](std::size_t k, std::size_t j) {
    return a[k * units + j] + b[k * units + j] + bias[k * units + j];
  };
  for (std::size_t j = 0; j < units; ++j) {
    const double s = gate(sum(1, j)) * memory[units + j] + gate(sum(0, j)) * std::tanh(sum(2, j));
    next[units + j] = s;
    next[j] = gate(sum(3, j)) * std::tanh(s);
  }
  return next;
}

}  // namespace

TEST_CASE("simple_rnn is activation(x @ kernel + h @ recurrent_kernel + bias)") {
  const Case made("  output x |> simple_rnn(2)");
  const Feeds& f = made.feeds;
  check_close(made.output(), run(made.x(), Row(units, 0), [&](const Row& x, const Row& h) {
                const Row a = product(x, f.at("simple_rnn.kernel"), 0, units);
                const Row b = product(h, f.at("simple_rnn.recurrent_kernel"), 0, units);
                Row next(units);
                for (std::size_t j = 0; j < units; ++j)
                  next[j] = std::tanh(a[j] + b[j] + f.at("simple_rnn.bias").values[j]);
                return next;
              }));
  const Case relu("  output x |> simple_rnn(2, relu)");
  CHECK(relu.output() != made.output());
}

TEST_CASE("lstm has the gates i, f, g, o and either curve on them") {
  const Case made("  output x |> lstm(2)");
  check_close(made.output(), run(made.x(), Row(2 * units, 0), [&](const Row& x, const Row& m) {
                return lstm_step(made.feeds, "lstm.", x, m, logistic);
              }));
  const Case old("  layer r = lstm(2, recurrent_activation = hard_sigmoid)\n  output r(x)");
  check_close(old.output(), run(old.x(), Row(2 * units, 0), [&](const Row& x, const Row& m) {
                return lstm_step(old.feeds, "r.", x, m, hard);
              }));
}

TEST_CASE("gru resets after the product of h or before") {
  const auto expected = [](const Feeds& f, bool after) {
    return [&f, after](const Row& x, const Row& h) {
      const Array& u = f.at("gru.recurrent_kernel");
      const Row& bias = f.at("gru.bias").values;
      Row a = product(x, f.at("gru.kernel"), 0, 3 * units);
      for (std::size_t j = 0; j < 3 * units; ++j) a[j] += bias[j];
      Row b = product(h, u, 0, 3 * units);
      for (std::size_t j = 0; j < 3 * units; ++j) b[j] += after ? bias[3 * units + j] : 0;
      Row z(units), r(units), rh(units), next(units);
      for (std::size_t j = 0; j < units; ++j) {
        z[j] = logistic(a[j] + b[j]);
        r[j] = logistic(a[units + j] + b[units + j]);
        rh[j] = r[j] * h[j];
      }
      const Row c = product(rh, u, 2 * units, units);
      for (std::size_t j = 0; j < units; ++j) {
        const double seen = after ? r[j] * b[2 * units + j] : c[j];
        next[j] = z[j] * h[j] + (1 - z[j]) * std::tanh(a[2 * units + j] + seen);
      }
      return next;
    };
  };
  const Case after("  output x |> gru(2)");
  CHECK(after.feeds.at("gru.bias").dims == std::vector<std::int64_t>{2, 6});
  check_close(after.output(), run(after.x(), Row(units, 0), expected(after.feeds, true)));
  const Case before("  output x |> gru(2, reset_after = false)");
  CHECK(before.feeds.at("gru.bias").dims == std::vector<std::int64_t>{6});
  check_close(before.output(), run(before.x(), Row(units, 0), expected(before.feeds, false)));
}

TEST_CASE("A state begins as it is fed and ends as an update; what is no state begins with zeros") {
  const Case kept("  output x |> lstm(2, stateful = true)");
  const Row& h = kept.feeds.at("lstm.h").values;
  const Row& s = kept.feeds.at("lstm.s").values;
  Row all, last_h, last_s;
  for (std::size_t n = 0; n < batch; ++n) {
    Row m = {h[n * units], h[n * units + 1], s[n * units], s[n * units + 1]};
    for (std::size_t t = 0; t < steps; ++t) {
      m = lstm_step(kept.feeds, "lstm.", step_of(kept.x(), n, t), m, logistic);
      all.insert(all.end(), m.begin(), m.begin() + units);
    }
    last_h.insert(last_h.end(), m.begin(), m.begin() + units);
    last_s.insert(last_s.end(), m.begin() + units, m.end());
  }
  check_close(kept.output(), all);
  check_close(kept.results.at("update:lstm.h").values, last_h);
  check_close(kept.results.at("update:lstm.s").values, last_s);
  CHECK(kept.results.size() == 3);
  CHECK(Case("  output x |> lstm(2)").results.size() == 1);
}

TEST_CASE("A loop, a cell on a sequence, a cell on elements and pasted steps compute the same") {
  const std::string cell =
      "cell R(units) {\n  weight W: real[width, units] = glorot_uniform\n"
      "  weight U: real[units, units] = orthogonal\n  state h: real[units]\n"
      "  step(x) {\n    h = tanh(x @ W + h @ U)\n    yield h\n  }\n}\n";
  const std::string weights =
      "  weight W: real[3, 2] = glorot_uniform\n  weight U: real[2, 2] = orthogonal\n";
  const Case loop(weights +
                  "  h = zeros(2)\n  for t in 0..3 {\n    h = tanh(x[t] @ W + h @ U)\n"
                  "    y[t] = h\n  }\n  output y");
  const Case pasted(weights +
                    "  y[0] = tanh(x[0] @ W)\n  y[1] = tanh(x[1] @ W + y[0] @ U)\n"
                    "  y[2] = tanh(x[2] @ W + y[1] @ U)\n  output y");
  const Case whole("  output x |> R(2)", cell);
  const Case elements("  layer r = R(2)\n  for t in 0..3 {\n    y[t] = r(x[t])\n  }\n  output y",
                      cell);
  Feeds feeds = loop.feeds;
  feeds["R.W"] = feeds["r.W"] = feeds["W"];
  feeds["R.U"] = feeds["r.U"] = feeds["U"];
  const auto with = [&](const Graph& graph) {
    Feeds needed;
    for (const Op op : {Op::input, Op::weight})
      for (const NodeId id : leaves(graph, op)) {
        const std::string name(leaf_name(graph.node(id)));
        needed[name] = feeds.at(name);
      }
    return evaluate(graph, needed, batch).at("output").values;
  };
  check_close(with(pasted.graph), loop.output());
  check_close(with(whole.graph), loop.output());
  check_close(with(elements.graph), loop.output());
  const Array& W = feeds.at("W");
  const Array& U = feeds.at("U");
  check_close(loop.output(), run(loop.x(), Row(units, 0), [&](const Row& x, const Row& h) {
                const Row a = product(x, W, 0, units);
                const Row b = product(h, U, 0, units);
                return Row{std::tanh(a[0] + b[0]), std::tanh(a[1] + b[1])};
              }));
}

}  // namespace coil::test::recurrence_test
