// Sums by the row of a table, of rows that a chain of ops made: fold_gathers sums first where that means the same.

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/graph/verify.hpp"
#include "compiler/passes/fold_gathers.hpp"

#include "tests/support/cases.hpp"
#include "tests/support/feeds.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

constexpr std::int64_t batch = 64, table_rows = 5;
constexpr Op gradients[] = {Op::tanh_grad, Op::sigmoid_grad, Op::relu_grad, Op::hard_sigmoid_grad};

// scatter_add of a few ops of random rows; some of them are no multiples, or look up by another index.
class RandomSums {
 public:
  explicit RandomSums(Rng& rng) : rng_(rng) {
    index_ = sketch_.index({{batch_dim}}, table_rows);
    other_ = sketch_.index({{batch_dim}}, table_rows);
    rows_ = sketch_.input({{batch_dim, width_}});
  }

  Graph graph() {
    for (std::int64_t i = rng_.between(1, 4); i > 0; --i) step();
    const ShapeAttributes shape{{{table_rows, width_}}};
    if (rng_.chance(0.15)) sketch_.output(rows_, "rows");  // others want them too
    return sketch_.finish(sketch_.add(Op::scatter_add, {rows_, index_}, shape));
  }

 private:
  Value looked_up() {
    const std::int64_t unused = rng_.chance(0.1) ? 2 : 0;  // rows that no index names
    const Value table = sketch_.weight({{table_rows + unused, width_}});
    const Value found = sketch_.add(Op::gather, {table, rng_.chance(0.85) ? index_ : other_});
    return rng_.coin() ? sketch_.add(Op::tanh, {found}) : found;
  }

  void step() {
    switch (rng_.between(0, 5)) {
      case 0: {
        const bool transposed = rng_.coin();
        const std::int64_t next = rng_.between(1, 4);
        const Shape shape = transposed ? Shape{{next, width_}} : Shape{{width_, next}};
        rows_ = sketch_.add(Op::matmul, {rows_, sketch_.weight(shape)},
                            MatmulAttributes{false, transposed});
        width_ = next;
        return;
      }
      case 1:
        rows_ = sketch_.add(gradients[rng_.between(0, 3)], {rows_, looked_up()});
        return;
      case 2:
        rows_ = sketch_.add(Op::mul, {looked_up(), rows_});
        return;
      case 3:
        rows_ = sketch_.add(Op::mul, {rows_, sketch_.weight({{width_}}), looked_up()});
        return;
      case 4:
        rows_ = sketch_.add(Op::neg, {rows_});
        return;
      default:  // sums of these are not these of sums
        rows_ = rng_.coin() ? sketch_.add(Op::tanh, {rows_})
                            : sketch_.add(Op::add, {rows_, sketch_.weight({{width_}})});
    }
  }

  Rng& rng_;
  Sketch sketch_;
  std::int64_t width_ = 3;
  Value index_, other_, rows_;
};

// The op that makes what the sums are of.
Op summed(const Graph& graph) {
  for (const Node& node : graph.nodes())
    if (node.op == Op::scatter_add) return graph.node(node.operands[0].node).op;
  throw std::logic_error("there is no sum");
}

}  // namespace

TEST_CASE("sums by row of random multiples are the same where the sums come first") {
  std::uint64_t folded = 0;
  for (std::uint64_t seed = 0; seed < cases(500); ++seed) {
    Rng rng(seed);
    const Graph graph = RandomSums(rng).graph();
    const Graph first = fold_gathers(graph, {.batch = batch});
    INFO("seed " << seed << "\n" << to_text(graph) << to_text(first));
    REQUIRE(why_malformed(first) == std::nullopt);
    const Feeds feeds = random_feeds(graph, batch, seed);
    CHECK(distance(evaluate(graph, feeds, batch), evaluate(first, feeds, batch)) <= 1e-12);
    folded += summed(first) != summed(graph);
  }
  CHECK(folded > cases(150));
  CHECK(folded < cases(450));
}

TEST_CASE("what is told to be a multiple of an operand is one") {
  for (const Op op : {Op::mul, Op::neg, Op::div, Op::relu_grad, Op::tanh_grad, Op::sigmoid_grad,
                      Op::hard_sigmoid_grad}) {
    REQUIRE(is_elementwise(op));
    Sketch sketch;
    std::vector<Value> operands;
    for (std::size_t i = 0; i < record(op).arity.value.least; ++i)
      operands.push_back(
          sketch.input({{batch_dim, 7}}, std::string(1, static_cast<char>('a' + i))));
    const Graph graph = sketch.finish(sketch.add(op, operands));
    const std::string name = graph.outputs[0].name;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (!is_multiple_of(op, i)) continue;
      INFO(to_string(op) << ", operand " << i);
      const std::string changed(1, static_cast<char>('a' + i));
      const Feeds one = random_feeds(graph, 3, 1);
      Feeds two = one, sum = one;
      for (std::size_t at = 0; at < 21; ++at) {
        two[changed].values[at] = static_cast<double>(at) - 8.5;
        sum[changed].values[at] = one.at(changed).values[at] + two[changed].values[at];
      }
      const auto a = evaluate(graph, one, 3), b = evaluate(graph, two, 3),
                 c = evaluate(graph, sum, 3);
      for (std::size_t at = 0; at < 21; ++at)
        CHECK(c.at(name).values[at] ==
              Approx(a.at(name).values[at] + b.at(name).values[at]).margin(1e-12));
    }
  }
}

}  // namespace coil::test
