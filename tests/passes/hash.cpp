#include "compiler/graph/hash.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "compiler/graph/forms.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/passes/runner.hpp"

#include "tests/support/random_graph.hpp"
#include "tests/support/sketch.hpp"
#include "tests/support/variants.hpp"

namespace coil::test {
namespace {

Graph canonical(const Graph& graph) { return Runner().canonicalise(graph); }
std::string hash_of_text(const Graph& graph) { return to_string(hash_of(canonical(graph))); }

constexpr std::uint64_t graphs = 150;

Graph random_at(std::uint64_t seed) {
  Rng rng(seed);
  return random_graph(rng);
}

// f(x @ u, y @ v), with shapes so that nothing is symmetric but what a test makes so.
struct Parts {
  Sketch sketch;
  Value x = sketch.input({{batch_dim, 3}}, "x");
  Value y = sketch.input({{batch_dim, 3}}, "y");
  Value u = sketch.weight({{3, 3}}, "u");
  Value v = sketch.weight({{3, 3}}, "v");

  Value product(Value a, Value b) { return sketch.add(Op::matmul, {a, b}, MatmulAttributes{}); }
  std::string hash() { return hash_of_text(sketch.finish()); }
  std::string hash(Value output) { return hash_of_text(sketch.finish(output)); }
};

}  // namespace

TEST_CASE("other names, initial values and places give the same hash") {
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const Graph graph = random_at(seed);
    CHECK(hash_of_text(graph) == hash_of_text(renamed(graph)));
  }
}

TEST_CASE("nodes in another order give the same hash and the same canonical text") {
  int moved = 0;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    Rng rng(seed);
    const Graph graph = random_graph(rng);
    const Graph other = reordered(graph, rng);
    moved += to_text(graph) != to_text(other);
    CHECK(hash_of_text(graph) == hash_of_text(other));
    CHECK(to_text(canonical(graph)) == to_text(canonical(other)));
  }
  CHECK(moved > 100);
}

TEST_CASE("swapped operands of sums and products give the same hash") {
  int moved = 0;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    Rng rng(seed);
    const Graph graph = random_graph(rng);
    const Graph other = swapped(graph, rng);
    moved += to_text(graph) != to_text(other);
    INFO("seed " << seed);
    CHECK(hash_of_text(graph) == hash_of_text(other));
    CHECK(to_text(canonical(graph)) == to_text(canonical(other)));
  }
  CHECK(moved > 30);
}

TEST_CASE("all random graphs of different texts have different hashes") {
  std::set<std::string> texts, hashes;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const Graph graph = canonical(random_at(seed));
    texts.insert(to_text(renamed(graph)));
    hashes.insert(to_string(hash_of(graph)));
  }
  CHECK(texts.size() > 100);
  CHECK(hashes.size() > 100);
  CHECK(hashes.size() <= texts.size());
}

TEST_CASE("another op gives another hash") {
  std::set<std::string> hashes;
  for (const Op op : {Op::neg, Op::exp, Op::log, Op::relu, Op::tanh, Op::sigmoid, Op::hard_sigmoid,
                      Op::softmax}) {
    Parts p;
    hashes.insert(p.hash(p.sketch.add(op, {p.product(p.x, p.u)})));
  }
  for (const Op op : {Op::add, Op::sub, Op::mul, Op::div}) {
    Parts p;
    hashes.insert(p.hash(p.sketch.add(op, {p.product(p.x, p.u), p.y})));
  }
  CHECK(hashes.size() == 12);
}

TEST_CASE("another attribute gives another hash") {
  std::set<std::string> hashes;
  for (const MatmulAttributes m : {MatmulAttributes{}, MatmulAttributes{false, true}}) {
    Parts p;
    hashes.insert(p.hash(p.sketch.add(Op::matmul, {p.x, p.u}, m)));
  }
  for (const double value : {2.0, 2.5, -2.0}) {
    Parts p;
    hashes.insert(p.hash(p.sketch.add(Op::mul, {p.x, p.sketch.build.constant(value)})));
  }
  for (const Shape& shape : {Shape{}, Shape{{1}}, Shape{{1, 1}}, Shape{{3}}}) {
    Parts p;
    hashes.insert(p.hash(p.sketch.add(Op::sum_to, {p.x}, ShapeAttributes{shape})));
  }
  for (const std::int64_t bound : {3, 4}) {
    Sketch sketch;
    const Value table = sketch.weight({{4, 2}}), index = sketch.index({{batch_dim}}, bound);
    hashes.insert(hash_of_text(sketch.finish(sketch.add(Op::gather, {table, index}))));
  }
  CHECK(hashes.size() == 11);
}

TEST_CASE("another shape gives another hash") {
  std::set<std::string> hashes;
  for (const Shape& shape : {Shape{{2, 3}}, Shape{{3, 2}}, Shape{{6}}, Shape{{1, 6}}, Shape{{6, 1}},
                             Shape{{batch_dim, 6}}, Shape{{batch_dim}}, Shape{}}) {
    Sketch sketch;
    hashes.insert(hash_of_text(sketch.finish(sketch.add(Op::tanh, {sketch.input(shape)}))));
  }
  CHECK(hashes.size() == 8);
}

TEST_CASE("one weight used twice is not two weights") {
  Parts tied, apart;
  const std::string one = tied.hash(tied.product(tied.product(tied.x, tied.u), tied.u));
  const std::string two = apart.hash(apart.product(apart.product(apart.x, apart.u), apart.v));
  CHECK(one != two);
}

TEST_CASE("another wiring of the same weights and inputs gives another hash") {
  // tanh(x @ u) @ v + y @ u  against  tanh(x @ u) @ v + y @ v
  std::set<std::string> hashes;
  for (const bool first : {true, false}) {
    Parts p;
    const Value h = p.sketch.add(Op::tanh, {p.product(p.x, p.u)});
    const Value last = p.product(p.y, first ? p.u : p.v);
    hashes.insert(p.hash(p.sketch.add(Op::add, {p.product(h, p.v), last})));
  }
  CHECK(hashes.size() == 2);
}

TEST_CASE("inputs at exchanged positions give another hash") {
  Parts one, other;
  const auto body = [](Parts& p, Value a, Value b) {
    return p.hash(p.sketch.add(Op::add, {p.sketch.add(Op::tanh, {a}), b}));
  };
  CHECK(body(one, one.x, one.y) != body(other, other.y, other.x));
}

TEST_CASE("operands of sub, div and matmul do not change places") {
  for (const Op op : {Op::sub, Op::div}) {
    Parts one, other;
    CHECK(one.hash(one.sketch.add(op, {one.x, one.y})) !=
          other.hash(other.sketch.add(op, {other.y, other.x})));
  }
  Parts one, other;
  const Value a = one.sketch.add(Op::tanh, {one.u}), b = other.sketch.add(Op::tanh, {other.u});
  CHECK(one.hash(one.product(a, one.v)) != other.hash(other.product(other.v, b)));
}

TEST_CASE("swapped outputs give another hash, and so do fewer") {
  std::set<std::string> hashes;
  for (const auto& order : std::vector<std::vector<int>>{{0, 1}, {1, 0}, {0}, {1}, {0, 1, 0}}) {
    Parts p;
    const Value values[] = {p.sketch.add(Op::tanh, {p.x}), p.sketch.add(Op::relu, {p.x})};
    for (int i : order) p.sketch.output(values[i]);
    hashes.insert(p.hash());
  }
  CHECK(hashes.size() == 5);
}

TEST_CASE("updates of exchanged states give another hash") {
  std::set<std::string> hashes;
  for (const bool crossed : {false, true}) {
    Sketch sketch;
    const Value s = sketch.state({{3}}, "s"), t = sketch.state({{3}}, "t");
    const Value f = sketch.add(Op::tanh, {s}), g = sketch.add(Op::relu, {t});
    sketch.output(f, crossed ? "t" : "s", OutputKind::update);
    sketch.output(g, crossed ? "s" : "t", OutputKind::update);
    hashes.insert(hash_of_text(sketch.finish()));
  }
  CHECK(hashes.size() == 2);
}

TEST_CASE("a result is not an update") {
  std::set<std::string> hashes;
  for (const OutputKind kind : {OutputKind::result, OutputKind::update}) {
    Sketch sketch;
    sketch.output(sketch.add(Op::tanh, {sketch.state({{3}}, "s")}), "s", kind);
    hashes.insert(hash_of_text(sketch.finish()));
  }
  CHECK(hashes.size() == 2);
}

// Weights have no names here: u and v are told apart by their uses alone.
TEST_CASE("a sum of two products that differ only in their weights is one graph either way") {
  const auto sum = [](bool swap_sides, int uses) {
    Parts p;
    const Value a = p.product(p.x, p.u), b = p.product(p.x, p.v);
    const Value s = swap_sides ? p.sketch.add(Op::add, {b, a}) : p.sketch.add(Op::add, {a, b});
    if (uses == 0) return p.hash(s);
    if (uses == 1) return p.hash(p.product(s, p.u));
    // Told apart three products later, by what is done with them there.
    const Value u = p.product(p.sketch.add(Op::tanh, {p.product(s, p.u)}), p.u);
    const Value v = p.product(p.sketch.add(Op::relu, {p.product(s, p.v)}), p.v);
    p.sketch.output(u);
    p.sketch.output(v);
    return p.hash();
  };
  std::set<std::string> hashes;
  for (const int uses : {0, 1, 2}) {
    CHECK(sum(false, uses) == sum(true, uses));
    hashes.insert(sum(false, uses));
  }
  CHECK(hashes.size() == 3);
}

TEST_CASE("which of two weights of one shape is used where shows in the hash") {
  // (x @ u + y @ v) @ u  against  (x @ u + y @ v) @ v
  const auto hash = [](bool first) {
    Parts p;
    const Value s = p.sketch.add(Op::add, {p.product(p.x, p.u), p.product(p.y, p.v)});
    return p.hash(p.product(s, first ? p.u : p.v));
  };
  CHECK(hash(true) != hash(false));
}

TEST_CASE("the hash of a graph does not depend on the process or the machine") {
  CHECK(to_string(hash_of(canonical(char3_graph()))) == "01fbd9615a4ff601ce41d392908f1d97");
}

TEST_CASE("hashes are 32 hexadecimal digits") {
  CHECK(to_string(Hash{0, 0xabc}) == "00000000000000000000000000000abc");
  CHECK(to_string(Hash{~std::uint64_t{0}, 1}) == "ffffffffffffffff0000000000000001");
}

}  // namespace coil::test
