#include <catch2/catch.hpp>

#include "compiler/compare/compare.hpp"
#include "compiler/passes/canonicalise.hpp"
#include "compiler/passes/eliminate_dead.hpp"
#include "compiler/passes/unroll.hpp"

#include "tests/compare/recurrent.hpp"
#include "tests/support/random_graph.hpp"

namespace coil::test::recurrences_test {
namespace {

std::vector<std::string> messages(const Graph& a, const Graph& b) {
  std::vector<std::string> found;
  for (const Difference& difference : compare(a, b)) found.push_back(difference.message);
  return found;
}

using Messages = std::vector<std::string>;

Messages against_simple(Variant variant) { return messages(simple_rnn(), simple_rnn(variant)); }

}  // namespace

TEST_CASE("equal recurrences have no difference") {
  CHECK(compare(simple_rnn(), simple_rnn()).empty());
  CHECK(compare(two_carries(), two_carries()).empty());
}

TEST_CASE("an encoder before a tied cell: both are told, and nothing that follows from them") {
  const auto found = compare(simple_rnn({.encode = true, .tied = true}), simple_rnn());
  REQUIRE(found.size() == 2);
  CHECK(found[0].message ==
        "A computes relu(embed[c] @ encode.kernel + encode.bias) where B uses embed[c] itself");
  CHECK(found[0].a.place == Place{2, 5});
  CHECK(found[0].b.place == Place{1, 5});
  CHECK(found[1].message ==
        "A uses the weight kernel twice, where B has two: kernel and recurrent_kernel");
  CHECK(found[1].a.place == Place{3, 1});
  CHECK(found[1].b.place == Place{3, 1});
  CHECK(messages(simple_rnn(), simple_rnn({.encode = true, .tied = true})) ==
        Messages{"A uses embed[c] itself where B computes relu(embed[c] @ encode.kernel + "
                 "encode.bias)",
                 "B uses the weight kernel twice, where A has two: kernel and recurrent_kernel"});
}

TEST_CASE("a tied kernel is seen where it multiplies a sum") {
  // tanh((x + h) @ K) against tanh(x @ K + h @ U)
  const auto cell = [](bool tied) {
    const Shape shape{{batch_dim, 4}};
    Sketch body("step"), outer("cell");
    const Value x = body.input(shape, "x"), h = body.input(shape, "h");
    const Value k = body.input({{4, 4}}, "K"), u = tied ? k : body.input({{4, 4}}, "U");
    const auto product = [&](Value a, Value b) {
      return body.add(Op::matmul, {a, b}, MatmulAttributes{});
    };
    body.output(body.add(Op::tanh, {tied ? product(body.add(Op::add, {x, h}), k)
                                         : body.add(Op::add, {product(x, k), product(h, u)})}));
    const Value zero = outer.build.constant(0, shape);
    std::vector<Value> operands = {outer.input({{batch_dim, 8, 4}}), zero,
                                   outer.weight({{4, 4}}, "K")};
    if (!tied) operands.push_back(outer.weight({{4, 4}}, "U"));
    return outer.finish(
        outer.add(Op::scan, operands, ScanAttributes{8, 1, 1, false, make_body(body.finish())}));
  };
  CHECK(messages(cell(true), cell(false)) ==
        Messages{"A uses the weight K twice, where B has two: K and U"});
}

TEST_CASE("a recurrence against the same steps written out") {
  const Graph rolled = simple_rnn({.steps = 3});
  const Graph written = eliminate_dead(canonicalise(unroll(rolled)));
  CHECK(messages(rolled, written) ==
        Messages{"A is a recurrence, and B computes the same step by step (coilc --explain=roll "
                 "tells why it was not rolled)"});
  CHECK(messages(written, rolled).at(0).find("B is a recurrence, and A") == 0);
  const Graph other = simple_rnn({.steps = 3, .tied = false, .activation = Op::relu});
  CHECK(messages(written, other) == Messages{"A applies tanh where B applies relu"});
}

TEST_CASE("one thing different is told as one") {
  CHECK(against_simple({.steps = 3}) == Messages{"the recurrence takes 8 steps in A, 3 in B"});
  CHECK(against_simple({.hidden = 128}) ==
        Messages{"the weight kernel is real[42, 256] in A, real[42, 128] in B"});
  CHECK(against_simple({.encode = true}) ==
        Messages{"A uses embed[c] itself where B computes relu(embed[c] @ encode.kernel + "
                 "encode.bias)"});
  CHECK(against_simple({.bias = false}) == Messages{"A adds bias, and B does not"});
  CHECK(against_simple({.reverse = true}) ==
        Messages{"A steps from the first to the last, B the other way"});
  CHECK(against_simple({.activation = Op::relu}) ==
        Messages{"A applies tanh where B applies relu"});
  CHECK(against_simple({.head = Op::sigmoid}) ==
        Messages{"A applies softmax where B applies sigmoid"});
}

TEST_CASE("a recurrence that remembers") {
  CHECK(against_simple({.stateful = true}) ==
        Messages{"A has the number 0 where B has the state h", "A has 1 output, B has 2 outputs"});
  const Graph one = simple_rnn({.stateful = true});
  Graph other = one;
  other.outputs[1].kind = OutputKind::result;
  CHECK(messages(one, other) == Messages{"A keeps a value for the next call in h, where B hands "
                                         "over the output h"});
}

TEST_CASE("carried values are told apart by what becomes of them") {
  CHECK(messages(two_carries(), two_carries(Crossed::in_the_body)) ==
        Messages{"A uses the carried value s here, B the carried value h, which is another",
                 "A uses the carried value h here, B the carried value s, which is another"});
  CHECK(messages(two_carries(), two_carries(Crossed::in_the_end)).size() == 1);
}

TEST_CASE("graphs that have little in common are told apart all the same") {
  std::vector<Graph> graphs = {simple_rnn(),
                               simple_rnn({.encode = true, .tied = true}),
                               simple_rnn({.steps = 3, .bias = false, .stateful = true}),
                               simple_rnn({.hidden = 5, .reverse = true}),
                               two_carries(),
                               two_carries(Crossed::in_the_body),
                               char3_graph()};
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    Rng rng(seed);
    graphs.push_back(random_graph(rng));
  }
  for (std::size_t i = 0; i < graphs.size(); ++i)
    for (std::size_t j = 0; j < graphs.size(); ++j) {
      INFO(i << " and " << j);
      CHECK(compare(graphs[i], graphs[j]).empty() == (i == j));
    }
}

TEST_CASE("the last value is not the sequence of all") {
  const auto graph = [](bool all) {
    const Shape shape{{batch_dim, 4}};
    Sketch body("step"), outer("cell");
    const Value sum = body.add(Op::add, {body.input(shape, "x"), body.input(shape, "h")});
    const Value next = body.add(Op::tanh, {sum});
    body.output(next);
    if (all) body.output(next);
    const NodeId scan =
        outer.build.node(Op::scan, ScanAttributes{8, 1, 1, false, make_body(body.finish())},
                         {outer.input({{batch_dim, 8, 4}}), outer.build.constant(0, shape)});
    return outer.finish({scan, all ? 1U : 0U});
  };
  CHECK(messages(graph(false), graph(true)) ==
        Messages{"A takes what the last step leaves, B what each step gives"});
}

TEST_CASE("another number of carried values") {
  CHECK(messages(simple_rnn(), simple_rnn()).empty());
  Sketch one, two;
  const Shape shape{{batch_dim, 4}};
  Sketch body("step");
  const Value x = body.input(shape, "x"), h = body.input(shape, "h");
  body.output(body.add(Op::tanh, {body.add(Op::add, {x, h})}), "h");
  const Value zero = one.build.constant(0, shape);
  const Value last = one.add(Op::scan, {one.input({{batch_dim, 8, 4}}), zero},
                             ScanAttributes{8, 1, 1, false, make_body(body.finish())});
  CHECK(messages(two_carries(), one.finish(last)) ==
        Messages{"A carries 2 values from step to step, B carries 1 value"});
}

}  // namespace coil::test::recurrences_test
