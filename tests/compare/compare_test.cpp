#include "compiler/compare/compare.hpp"

#include <catch2/catch.hpp>

#include "compiler/compare/walk.hpp"
#include "compiler/graph/hash.hpp"
#include "compiler/passes/runner.hpp"

#include "tests/support/cases.hpp"
#include "tests/support/random_graph.hpp"
#include "tests/support/sketch.hpp"
#include "tests/support/variants.hpp"

namespace coil::test {
namespace {

using Messages = std::vector<std::string>;

Messages messages(const Graph& a, const Graph& b) {
  Messages found;
  for (const Difference& difference : compare(a, b)) found.push_back(difference.message);
  return found;
}

// The walk alone, without a look at the hashes.
std::vector<Difference> walked(const Graph& a, const Graph& b) {
  const comparing::View of_a(a), of_b(b);
  return comparing::Walk(of_a, of_b, 5).run();
}

Graph canonical(const Graph& graph) { return Runner().canonicalise(graph); }

constexpr std::uint64_t graphs = 200;

Graph flat_at(std::uint64_t seed) {
  Rng rng(seed);
  return random_graph(rng);
}
Graph random_at(std::uint64_t seed) { return canonical(flat_at(seed)); }

// x @ u, and what a test makes of it.
struct Small {
  Sketch sketch;
  Value x = sketch.input({{batch_dim, 4}}, "x");
  Value y = sketch.input({{batch_dim, 4}}, "y");
  Value u = sketch.weight({{4, 4}}, "u");
  Value v = sketch.weight({{4, 4}}, "v");
  Value b = sketch.weight({{4}}, "b");

  Value product(Value p, Value w) { return sketch.add(Op::matmul, {p, w}, MatmulAttributes{}); }
  Value sum(Value p, Value q) { return sketch.add(Op::add, {p, q}); }
  Graph finish(Value value) { return sketch.finish(value); }
};

}  // namespace

TEST_CASE("names, initial values and places are no difference") {
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const Graph graph = random_at(seed);
    INFO("seed " << seed);
    CHECK(walked(graph, graph).empty());
    CHECK(walked(graph, canonical(renamed(flat_at(seed)))).empty());
  }
}

TEST_CASE("graphs of different hashes have a difference") {
  int compared = 0;
  for (std::uint64_t seed = 0; seed + 1 < graphs; ++seed) {
    const Graph a = random_at(seed), b = random_at(seed + 1);
    if (hash_of(a) == hash_of(b)) continue;
    ++compared;
    INFO("seed " << seed);
    CHECK_FALSE(walked(a, b).empty());
  }
  CHECK(compared > 150);
}

TEST_CASE("an op in place of another of one operand") {
  const auto graph = [](Op op) {
    Small s;
    s.sketch.build.at({7, 3});
    return s.finish(s.sketch.add(op, {s.product(s.x, s.u)}));
  };
  const auto found = compare(graph(Op::tanh), graph(Op::relu));
  REQUIRE(found.size() == 1);
  CHECK(found[0].message == "A applies tanh where B applies relu");
  CHECK(found[0].a.shown == "tanh(x @ u)");
  CHECK(found[0].b.shown == "relu(x @ u)");
  CHECK(found[0].a.place == Place{7, 3});
}

TEST_CASE("a weight that is shared here and not there, shown where it is used") {
  const auto graph = [](bool tied) {
    Small s;
    s.sketch.build.at({1, 1});
    const Value inner = s.product(s.x, s.u);
    s.sketch.build.at({2, 2});
    return s.finish(s.product(inner, tied ? s.u : s.v));
  };
  const auto found = compare(graph(true), graph(false));
  REQUIRE(found.size() == 1);
  CHECK(found[0].message == "A uses the weight u twice, where B has two: u and v");
  CHECK(found[0].a.shown == "(x @ u) @ u");
  CHECK(found[0].b.shown == "(x @ u) @ v");
  CHECK(found[0].a.place == Place{2, 2});
  CHECK(messages(graph(false), graph(true)) ==
        Messages{"B uses the weight u twice, where A has two: u and v"});
}

TEST_CASE("weights that are exchanged at one of two places") {
  const auto graph = [](bool crossed) {
    Small s;
    const Value inner = s.sketch.add(Op::tanh, {s.product(s.product(s.x, s.u), s.v)});
    return s.finish(s.product(inner, crossed ? s.u : s.v));
  };
  CHECK(messages(graph(false), graph(true)) ==
        Messages{"A uses the weight v here, whose counterpart in B is the weight v; B uses the "
                 "weight u"});
}

TEST_CASE("terms of a sum and factors of a product") {
  const auto graph = [](int form) {
    Small s;
    const Value p = s.product(s.x, s.u);
    const Value t = s.sketch.add(Op::tanh, {s.y});
    if (form == 0) return s.finish(p);
    if (form == 1) return s.finish(s.sum(p, s.b));
    if (form == 2) return s.finish(s.sum(s.sum(p, s.b), t));
    if (form == 3) return s.finish(s.sum(s.sum(t, s.b), p));
    if (form == 4) return s.finish(s.sketch.add(Op::mul, {p, t}));
    return s.finish(s.sum(p, s.sketch.add(Op::neg, {t})));
  };
  CHECK(messages(graph(0), graph(1)) == Messages{"B adds b, and A does not"});
  CHECK(messages(graph(1), graph(0)) == Messages{"A adds b, and B does not"});
  CHECK(messages(graph(1), graph(2)) == Messages{"B adds tanh(y), and A does not"});
  CHECK(messages(graph(0), graph(4)) == Messages{"B multiplies by tanh(y), and A does not"});
  CHECK(messages(graph(1), graph(5)) == Messages{"A adds b where B adds -tanh(y)"});
  CHECK(walked(graph(2), graph(3)).empty());
}

TEST_CASE("a function around a sum is told as one, not as other terms") {
  const auto graph = [](bool wrapped) {
    Small s;
    const Value t = s.sketch.add(Op::tanh, {s.y});
    const Value sum = s.sum(s.product(s.x, s.u), s.product(t, s.v));
    return s.finish(s.sketch.add(Op::mul, {t, wrapped ? s.sketch.add(Op::tanh, {sum}) : sum}));
  };
  CHECK(messages(graph(false), graph(true)) ==
        Messages{"A uses x @ u + .. @ v itself where B computes tanh(x @ u + tanh(y) @ v)"});
}

TEST_CASE("attributes, numbers and inputs") {
  const auto sliced = [](std::int64_t begin) {
    Small s;
    return s.finish(s.sketch.add(Op::slice, {s.x}, SliceAttributes{1, begin, 2, false}));
  };
  CHECK(messages(sliced(0), sliced(1)) == Messages{"slice with begin 0 in A, 1 in B"});
  const auto scaled = [](double value) {
    Small s;
    return s.finish(s.sketch.add(Op::div, {s.x, s.sketch.build.constant(value)}));
  };
  CHECK(messages(scaled(2), scaled(2.5)) == Messages{"the number 2 in A is 2.5 in B"});
  const auto fed = [](bool second) {
    Small s;
    return s.finish(s.sketch.add(Op::tanh, {second ? s.y : s.x}));
  };
  CHECK(messages(fed(false), fed(true)) ==
        Messages{"A uses its input x (number 1) where B uses its input y (number 2)"});
  const auto bounded = [](std::int64_t bound) {
    Sketch s;
    const Value table = s.weight({{9, 2}}, "T");
    return s.finish(s.add(Op::gather, {table, s.index({{batch_dim}}, bound, "i")}));
  };
  CHECK(messages(bounded(9), bounded(8)) ==
        Messages{"the input i is an index below 9 in A, below 8 in B"});
}

TEST_CASE("sizes are told once, at the first leaf that has them") {
  const auto stack = [](std::int64_t width, std::int64_t last) {
    Sketch s;
    Value x = s.input({{batch_dim, 3}}, "x");
    x = s.add(Op::matmul, {x, s.weight({{3, width}}, "k")}, MatmulAttributes{});
    x = s.add(Op::add, {x, s.weight({{width}}, "b")});
    x = s.add(Op::matmul, {x, s.weight({{width, last}}, "out")}, MatmulAttributes{});
    return s.finish(x);
  };
  CHECK(messages(stack(5, 2), stack(6, 2)) ==
        Messages{"the weight k is real[3, 5] in A, real[3, 6] in B"});
  CHECK(messages(stack(5, 2), stack(6, 4)) ==
        Messages{"the weight k is real[3, 5] in A, real[3, 6] in B",
                 "the weight out is real[5, 2] in A, real[6, 4] in B"});
}

TEST_CASE("outputs") {
  const auto graph = [](int count) {
    Small s;
    s.sketch.output(s.sketch.add(Op::tanh, {s.x}));
    if (count == 2) s.sketch.output(s.sketch.add(Op::relu, {s.x}));
    return s.sketch.finish();
  };
  CHECK(messages(graph(1), graph(2)) == Messages{"A has 1 output, B has 2 outputs"});
}

TEST_CASE("the number of differences is bounded") {
  const auto graph = [](Op op) {
    Small s;
    for (int i = 1; i <= 9; ++i)
      s.sketch.output(s.sketch.add(op, {s.sketch.add(Op::mul, {s.x, s.sketch.build.constant(i)})}));
    return s.sketch.finish();
  };
  CHECK(compare(graph(Op::tanh), graph(Op::relu)).size() == 5);
  CHECK(compare(graph(Op::tanh), graph(Op::relu), 2).size() == 2);
}

TEST_CASE("what differs only in its order is told as that") {
  const auto graph = [](bool swapped) {
    Small s;
    const Value a = s.sketch.add(Op::tanh, {s.x}), b = s.sketch.add(Op::relu, {s.x});
    return s.finish(swapped ? s.sum(b, a) : s.sum(a, b));
  };
  CHECK(hash_of(graph(false)) != hash_of(graph(true)));
  CHECK(messages(graph(false), graph(true)) ==
        Messages{"A and B compute from the same parts, in another order or with other "
                 "connections"});
}

TEST_CASE("a long chain of nodes is walked") {
  const auto chain = [](Op last) {
    Sketch s;
    Value x = s.input({{batch_dim, 1}}, "x");
    for (int i = 0; i < length(100'000); ++i) x = s.add(i % 2 == 0 ? Op::tanh : Op::relu, {x});
    return s.finish(s.add(last, {x}));
  };
  CHECK(compare(chain(Op::exp), chain(Op::exp)).empty());
  CHECK(messages(chain(Op::exp), chain(Op::log)) == Messages{"A applies exp where B applies log"});
}

}  // namespace coil::test
