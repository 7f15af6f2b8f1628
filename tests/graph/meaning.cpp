// What each op computes, against numbers worked out by hand.

#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/verify.hpp"
#include "compiler/source/internal_error.hpp"

#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

struct Fed {
  Shape shape;
  std::vector<double> values;
  std::int64_t bound = 0;  // of an index
};

// All results of one op over inputs; the batch is 2.
std::vector<std::vector<double>> all_of(Op op, const std::vector<Fed>& operands,
                                        Attributes attributes = NoAttributes{}) {
  Sketch sketch;
  Feeds feeds;
  std::vector<Value> values;
  for (const Fed& fed : operands) {
    const std::string name = fmt::format("x{}", values.size());
    values.push_back(fed.bound > 0 ? sketch.index(fed.shape, fed.bound, name)
                                   : sketch.input(fed.shape, name));
    feeds[name] = {concrete_dims(fed.shape, 2), fed.values};
  }
  const NodeId node = sketch.build.node(op, std::move(attributes), values);
  const auto results = static_cast<std::uint32_t>(sketch.build.graph().node(node).types.size());
  for (std::uint32_t i = 0; i < results; ++i) sketch.output({node, i}, fmt::format("y{}", i));
  const Graph graph = sketch.finish();
  REQUIRE(why_malformed(graph) == std::nullopt);
  const auto outputs = evaluate(graph, feeds, 2);
  std::vector<std::vector<double>> all;
  for (const Output& output : graph.outputs) all.push_back(outputs.at(output.name).values);
  return all;
}

std::vector<double> of(Op op, const std::vector<Fed>& operands,
                       Attributes attributes = NoAttributes{}) {
  return all_of(op, operands, std::move(attributes))[0];
}
std::vector<double> of_row(Op op, const std::vector<double>& x) {
  return of(op, {{{{std::ssize(x)}}, x}});
}
std::vector<double> of_rows(Op op, const std::vector<double>& g, const std::vector<double>& y) {
  return of(op, {{{{std::ssize(g)}}, g}, {{{std::ssize(y)}}, y}});
}

void check_near(const std::vector<double>& found, const std::vector<double>& expected,
                double tolerance = 1e-9) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("element " << i);
    CHECK(std::abs(found[i] - expected[i]) <= tolerance);
  }
}

void check_nan(const std::vector<double>& found, const std::vector<bool>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("element " << i);
    CHECK(std::isnan(found[i]) == expected[i]);
  }
}

using Numbers = std::vector<double>;

}  // namespace

TEST_CASE("sums, differences, products and quotients, broadcast") {
  const Fed a{{{batch_dim, 3}}, {1, 2, 3, 4, 5, 6}}, row{{{3}}, {10, 20, 40}}, two{{}, {2}};
  const Fed column{{{batch_dim, 1}}, {100, 200}};
  CHECK(of(Op::add, {a, row}) == Numbers{11, 22, 43, 14, 25, 46});
  CHECK(of(Op::add, {row, a}) == Numbers{11, 22, 43, 14, 25, 46});
  CHECK(of(Op::add, {column, row}) == Numbers{110, 120, 140, 210, 220, 240});
  CHECK(of(Op::sub, {a, row}) == Numbers{-9, -18, -37, -6, -15, -34});
  CHECK(of(Op::sub, {column, a}) == Numbers{99, 98, 97, 196, 195, 194});
  CHECK(of(Op::mul, {a, two}) == Numbers{2, 4, 6, 8, 10, 12});
  CHECK(of(Op::div, {row, a}) == Numbers{10, 10, 40.0 / 3, 2.5, 4, 40.0 / 6});
  CHECK(of(Op::div, {two, {{{2}}, {0, -0.0}}}) == Numbers{inf, -inf});
}

TEST_CASE("functions of one number") {
  CHECK(of_row(Op::neg, {1, -2, 0.5}) == Numbers{-1, 2, -0.5});
  check_near(of_row(Op::exp, {0, 1, -1}), {1, 2.718281828459045, 0.36787944117144233});
  check_near(of_row(Op::log, {1, 10, 0.5}), {0, 2.302585092994046, -0.6931471805599453});
  CHECK(of_row(Op::log, {0}) == Numbers{-inf});
  CHECK(of_row(Op::relu, {-3, -0.0, 0, 0.25, 7}) == Numbers{0, 0, 0, 0.25, 7});
  check_near(of_row(Op::tanh, {0, 0.5, -2}), {0, 0.46211715726000973, -0.9640275800758169});
  check_near(of_row(Op::sigmoid, {0, 2, -2}), {0.5, 0.8807970779778823, 0.11920292202211755});
  CHECK(of_row(Op::sigmoid, {1000, -1000}) == Numbers{1, 0});
  check_near(of_row(Op::hard_sigmoid, {-3, -2.5, -1, 0, 1, 2.5, 3}), {0, 0, 0.3, 0.5, 0.7, 1, 1});
}

TEST_CASE("gradients told from results") {
  CHECK(of_rows(Op::relu_grad, {5, 6, 7}, {0, 0.1, 3}) == Numbers{0, 6, 7});
  CHECK(of_rows(Op::tanh_grad, {2, 2, 4}, {0, 0.5, -1}) == Numbers{2, 1.5, 0});
  CHECK(of_rows(Op::sigmoid_grad, {2, 4, 4}, {0.5, 0.25, 1}) == Numbers{0.5, 0.75, 0});
  CHECK(of_rows(Op::hard_sigmoid_grad, {5, 5, 5, -10}, {0, 0.1, 1, 0.9}) == Numbers{0, 1, 0, -2});
  // y = (0.2, 0.3, 0.5), g = (1, 2, 3): sum(g y) = 2.3
  check_near(of_rows(Op::softmax_grad, {1, 2, 3}, {0.2, 0.3, 0.5}), {-0.26, -0.09, 0.35});
}

TEST_CASE("rows of a table, and sums into rows") {
  const Fed table{{{3, 2}}, {1, 2, 3, 4, 5, 6}};
  CHECK(of(Op::gather, {table, {{{batch_dim}}, {2, 0}, 3}}) == Numbers{5, 6, 1, 2});
  CHECK(of(Op::gather, {table, {{{batch_dim, 2}}, {1, 1, 0, 2}, 3}}) ==
        Numbers{3, 4, 3, 4, 1, 2, 5, 6});
  CHECK(of(Op::gather, {table, {{}, {1}, 3}}) == Numbers{3, 4});
  const Fed g{{{3, 2}}, {1, 2, 10, 20, 100, 200}};
  CHECK(of(Op::scatter_add, {g, {{{3}}, {1, 3, 1}, 4}}, ShapeAttributes{{{4, 2}}}) ==
        Numbers{0, 0, 101, 202, 0, 0, 10, 20});
}

TEST_CASE("matrix products and their transposes") {
  const Fed a{{{batch_dim, 3}}, {1, 2, 3, 4, 5, 6}};
  const Fed b{{{3, 2}}, {1, 10, 2, 20, 3, 30}}, b_transposed{{{2, 3}}, {1, 2, 3, 10, 20, 30}};
  const Numbers product{14, 140, 32, 320};
  CHECK(of(Op::matmul, {a, b}, MatmulAttributes{}) == product);
  CHECK(of(Op::matmul, {a, b_transposed}, MatmulAttributes{false, true}) == product);
  // The batch is summed over: a' @ c
  const Fed c{{{batch_dim, 2}}, {1, 0, 0, 1}};
  CHECK(of(Op::matmul, {a, c}, MatmulAttributes{true, false}) == Numbers{1, 4, 2, 5, 3, 6});
  // A vector, and rows of two dimensions.
  CHECK(of(Op::matmul, {{{{3}}, {1, 1, 1}}, b}, MatmulAttributes{}) == Numbers{6, 60});
  CHECK(of(Op::matmul, {{{{1, 2, 3}}, {1, 2, 3, 4, 5, 6}}, b}, MatmulAttributes{}) == product);
}

TEST_CASE("a fused product adds the bias, then the addend, then applies its activation") {
  const Fed a{{{batch_dim, 1}}, {1, -1}}, b{{{1, 2}}, {2, 3}}, bias{{{2}}, {0.5, -1}};
  const Fed addend{{{batch_dim, 2}}, {10, 20, 0, 0}};
  const auto with = [](Activation activation, bool has_bias, bool has_addend) {
    return FusedMatmulAttributes{false, false, has_bias, has_addend, activation};
  };
  CHECK(of(Op::fused_matmul, {a, b}, with(Activation::none, false, false)) ==
        Numbers{2, 3, -2, -3});
  CHECK(of(Op::fused_matmul, {a, b, bias}, with(Activation::none, true, false)) ==
        Numbers{2.5, 2, -1.5, -4});
  CHECK(of(Op::fused_matmul, {a, b, addend}, with(Activation::none, false, true)) ==
        Numbers{12, 23, -2, -3});
  CHECK(of(Op::fused_matmul, {a, b, bias, addend}, with(Activation::relu, true, true)) ==
        Numbers{12.5, 22, 0, 0});
  check_near(of(Op::fused_matmul, {a, b, bias}, with(Activation::hard_sigmoid, true, false)),
             {1, 0.9, 0.2, 0});
  check_near(of(Op::fused_matmul, {a, b}, with(Activation::tanh, false, false)),
             {0.9640275800758169, 0.9950547536867305, -0.9640275800758169, -0.9950547536867305});
  check_near(of(Op::fused_matmul, {a, b}, with(Activation::sigmoid, false, false)),
             {0.8807970779778823, 0.9525741268224334, 0.11920292202211755, 0.04742587317756678});
  // a' @ b over two rows, b transposed
  const Fed c{{{batch_dim, 1}}, {5, 7}};
  CHECK(of(Op::fused_matmul, {a, c}, FusedMatmulAttributes{true, false, false, false, {}}) ==
        Numbers{-2});
  CHECK(of(Op::fused_matmul, {a, {{{2, 1}}, {2, 3}}},
           FusedMatmulAttributes{false, true, false, false, {}}) == Numbers{2, 3, -2, -3});
}

TEST_CASE("sums to a shape, and repetition up to one") {
  const Fed x{{{batch_dim, 3}}, {1, 2, 3, 10, 20, 30}};
  const auto sum = [&](const Shape& shape) { return of(Op::sum_to, {x}, ShapeAttributes{shape}); };
  CHECK(sum({}) == Numbers{66});
  CHECK(sum({{3}}) == Numbers{11, 22, 33});
  CHECK(sum({{1, 3}}) == Numbers{11, 22, 33});
  CHECK(sum({{batch_dim, 1}}) == Numbers{6, 60});
  CHECK(sum({{1}}) == Numbers{66});
  CHECK(sum({{batch_dim, 3}}) == Numbers{1, 2, 3, 10, 20, 30});
  const auto repeat = [](const Fed& fed, const Shape& shape) {
    return of(Op::broadcast_to, {fed}, ShapeAttributes{shape});
  };
  CHECK(repeat({{{3}}, {1, 2, 3}}, {{batch_dim, 3}}) == Numbers{1, 2, 3, 1, 2, 3});
  CHECK(repeat({{{batch_dim, 1}}, {1, 2}}, {{batch_dim, 2}}) == Numbers{1, 1, 2, 2});
  CHECK(repeat({{}, {7}}, {{2, 2}}) == Numbers{7, 7, 7, 7});
}

TEST_CASE("softmax over the last dimension") {
  check_near(
      of(Op::softmax, {{{{batch_dim, 3}}, {0, 0, 0, 1, 2, 3}}}),
      {1.0 / 3, 1.0 / 3, 1.0 / 3, 0.09003057317038046, 0.24472847105479767, 0.6652409557748219});
  check_near(of_row(Op::softmax, {1000, 1000, 0}), {0.5, 0.5, 0});
  CHECK(of_row(Op::softmax, {-5}) == Numbers{1});
}

TEST_CASE("cross-entropy is the mean over all rows, its gradient softmax less the target") {
  // p = (0.25, 0.75) and (0.5, 0.5); targets 0 and 1.
  const auto results = all_of(
      Op::cross_entropy, {{{{batch_dim, 2}}, {0, std::log(3), 0, 0}}, {{{batch_dim}}, {0, 1}, 2}});
  check_near(results[0], {(std::log(4.0) + std::log(2.0)) / 2});
  check_near(results[1], {-0.375, 0.375, 0.25, -0.25});
}

TEST_CASE("cross-entropy of several rows a batch row") {
  const auto results = all_of(Op::cross_entropy, {{{{batch_dim, 2, 1}}, {1, 2, 3, 4}},
                                                  {{{batch_dim, 2}}, {0, 0, 0, 0}, 1}});
  check_near(results[0], {0});
  check_near(results[1], {0, 0, 0, 0});
}

TEST_CASE("adam") {
  // Step 1 from no moments moves by rate * g / (|g| + epsilon / sqrt(1 - beta2)).
  const std::vector<Fed> first = {{{}, {0.1}},      {{}, {1}},       {{}, {5}},
                                  {{}, {inf}},      {{}, {0}},       {{{2}}, {1, 2}},
                                  {{{2}}, {3, -4}}, {{{2}}, {0, 0}}, {{{2}}, {0, 0}}};
  auto results = all_of(Op::adam, first, AdamAttributes{});
  check_near(results[0], {0.9, 2.1}, 1e-6);
  check_near(results[1], {0.3, -0.4});
  check_near(results[2], {0.009, 0.016});
  // beta1 = 0.5, beta2 = 0.75, step 2: m' = 1.5, v' = 1.75,
  // rate = 0.1 sqrt(1 - 0.5625) / (1 - 0.25) = 0.0881917103688197
  const std::vector<Fed> second = {{{}, {0.1}}, {{}, {2}}, {{}, {2}}, {{}, {2}}, {{}, {0}},
                                   {{}, {1}},   {{}, {2}}, {{}, {1}}, {{}, {1}}};
  results = all_of(Op::adam, second, AdamAttributes{0.5, 0.75, 1e-7});
  check_near(results[0], {1 - 0.0881917103688197 * 1.5 / (1.3228756555322954 + 1e-7)});
  check_near(results[1], {1.5});
  check_near(results[2], {1.75});
  // A gradient of zero moves nothing.
  const std::vector<Fed> still = {{{}, {0.1}}, {{}, {1}}, {{}, {0}}, {{}, {inf}}, {{}, {0}},
                                  {{}, {5}},   {{}, {0}}, {{}, {0}}, {{}, {0}}};
  CHECK(all_of(Op::adam, still, AdamAttributes{})[0] == Numbers{5});
  // Clipped from norm 4 to 1 the gradient 4 counts as 1; decay takes 0.1 * 0.5 of the weight.
  const std::vector<Fed> clipped = {{{}, {0.1}}, {{}, {2}}, {{}, {4}}, {{}, {1}}, {{}, {0.5}},
                                    {{}, {2}},   {{}, {4}}, {{}, {1}}, {{}, {1}}};
  results = all_of(Op::adam, clipped, AdamAttributes{0.5, 0.75, 1e-7});
  check_near(results[0], {2 - 0.1 - 0.0881917103688197 / (1 + 1e-7)});
  check_near(results[1], {1});
  check_near(results[2], {1});
}

TEST_CASE("sgd") {
  // velocity 0.5 * 4 + 3 = 5, decay 0.1 * 0.5 * 2.
  const std::vector<Fed> whole = {{{}, {0.1}}, {{}, {0.5}}, {{}, {3}}, {{}, {3}},
                                  {{}, {0.5}}, {{}, {2}},   {{}, {3}}, {{}, {4}}};
  auto results = all_of(Op::sgd, whole);
  check_near(results[0], {2 - 0.1 - 0.5});
  check_near(results[1], {5});
  // The norm 3 clipped to 1: velocity 0.5 * 4 + 1.
  std::vector<Fed> clipped = whole;
  clipped[3].values = {1};
  results = all_of(Op::sgd, clipped);
  check_near(results[0], {2 - 0.1 - 0.3});
  check_near(results[1], {3});
}

TEST_CASE("a norm that is not finite updates nothing") {
  for (const double norm : {nan, inf}) {
    const std::vector<Fed> adam = {{{}, {0.1}}, {{}, {1}},   {{}, {norm}}, {{}, {1}}, {{}, {0.5}},
                                   {{}, {2}},   {{}, {nan}}, {{}, {3}},    {{}, {4}}};
    CHECK(all_of(Op::adam, adam, AdamAttributes{}) == std::vector<Numbers>{{2}, {3}, {4}});
    const std::vector<Fed> sgd = {{{}, {0.1}}, {{}, {0.5}}, {{}, {norm}}, {{}, {1}},
                                  {{}, {0.5}}, {{}, {2}},   {{}, {inf}},  {{}, {4}}};
    CHECK(all_of(Op::sgd, sgd) == std::vector<Numbers>{{2}, {4}});
  }
}

TEST_CASE("global_norm") {
  CHECK(of(Op::global_norm, {{{}, {-7}}}) == Numbers{7});
  check_near(of(Op::global_norm, {{{{2}}, {1, -2}}, {{}, {4}}, {{{1, 2}}, {2, 0}}}), {5});
  check_nan(of(Op::global_norm, {{{{2}}, {1, nan}}, {{}, {4}}}), {true});
  CHECK(of(Op::global_norm, {{{{2}}, {1, -inf}}, {{}, {4}}}) == Numbers{inf});
}

TEST_CASE("to_bf16 gives the nearest number of eight significant bits, of two the even one") {
  // Between 1 and 2 such numbers are 2^-7 apart.
  CHECK(of_row(Op::to_bf16, {1, -1, 0, 1 + 0x1p-7, 1 + 0x1.8p-8, 1 - 0x1p-8}) ==
        Numbers{1, -1, 0, 1 + 0x1p-7, 1 + 0x1p-7, 1 - 0x1p-8});
  CHECK(of_row(Op::to_bf16, {1 + 0x1p-8, 1 + 0x1.8p-7, -1 - 0x1p-8, 3 + 0x1p-7}) ==
        Numbers{1, 1 + 0x1p-6, -1, 3});
  // By one rounding: the float nearest to the second lies halfway, and would be rounded down.
  CHECK(of_row(Op::to_bf16, {1 + 0x1p-8 - 0x1p-40, 1 + 0x1p-8 + 0x1p-40}) ==
        Numbers{1, 1 + 0x1p-7});
  CHECK(of_row(Op::to_bf16, {0x1.FEp127, 0x1.FEFFFp127, 0x1.FFp127, -0x1.FFp127, 1e300, inf}) ==
        Numbers{0x1.FEp127, 0x1.FEp127, inf, -inf, inf, inf});
  CHECK(of_row(Op::to_bf16, {0x1p-126, 0x1p-133, 0x1.8p-134, 0x1p-134, 0x1.4p-132, -0x1p-300}) ==
        Numbers{0x1p-126, 0x1p-133, 0x1p-133, 0, 0x1p-132, 0});
  check_nan(of_row(Op::to_bf16, {nan, 1}), {true, false});
}

TEST_CASE("a product of rounded sides is that of the numbers they became") {
  const Fed a{{{batch_dim, 2}}, {1 + 0x1p-9, 3}}, b{{{2, 1}}, {1 + 0x1.8p-8, 0.1}};
  Sketch sketch;
  const Value x = sketch.input(a.shape, "x"), w = sketch.weight(b.shape, "w");
  const Graph graph = sketch.finish(
      sketch.add(Op::matmul, {sketch.add(Op::to_bf16, {x}), sketch.add(Op::to_bf16, {w})},
                 MatmulAttributes{}));
  const auto outputs = evaluate(graph, {{"x", {{1, 2}, a.values}}, {"w", {{2, 1}, b.values}}}, 1);
  CHECK(outputs.begin()->second.values == Numbers{1 * (1 + 0x1p-7) + 3 * 0.10009765625});
}

TEST_CASE("to_int8 gives the nearest whole number of scales up to 127, of two the even one") {
  const ScaleAttributes half{0.5};
  const auto numbers = [&](Numbers row) {
    Sketch sketch;
    const Shape shape{{batch_dim, static_cast<std::int64_t>(row.size())}};
    const Value x = sketch.input(shape, "x");
    const Graph graph = sketch.finish(sketch.add(Op::to_int8, {x}, half));
    const Array fed{{1, static_cast<std::int64_t>(row.size())}, row};
    return evaluate(graph, {{"x", fed}}, 1).begin()->second.values;
  };
  CHECK(numbers({0, 1, -1, 0.25, 0.75, 1.25, -0.75}) == Numbers{0, 2, -2, 0, 2, 2, -2});
  CHECK(numbers({63.5, 63.75, 64, -64, inf, -inf}) == Numbers{127, 127, 127, -127, 127, -127});
  CHECK_THROWS_WITH(numbers({1, nan}), Catch::Contains("was given NaN"));
}

TEST_CASE("columns become whole numbers by scales of their own") {
  const Fed w{{{3, 4}}, {1, 0, -254, 0x1p-127, -127, 0, 3, 0, 2.5, 0, 5, 0}};
  check_near(of(Op::column_scales, {w}), {1, 1, 2, 1});
  CHECK(of(Op::to_int8_columns, {w, {{{4}}, {1, 1, 2, 1}}}) ==
        Numbers{1, 0, -127, 0, -127, 0, 2, 0, 2, 0, 2, 0});
  check_nan(of(Op::column_scales, {{{{2, 2}}, {1, nan, 2, 3}}}), {false, true});
}

TEST_CASE("a constant fills its shape, and a leaf gives what it is fed") {
  Sketch sketch;
  sketch.output(sketch.build.constant(2.5, {{batch_dim, 2}}), "c");
  sketch.output(sketch.weight({{2}}, "w"), "w");
  sketch.output(sketch.state({{batch_dim}}, "s"), "s");
  const auto outputs =
      evaluate(sketch.finish(), {{"w", {{2}, {1, 2}}}, {"s", {{3}, {4, 5, 6}}}}, 3);
  CHECK(outputs.at("c").dims == std::vector<std::int64_t>{3, 2});
  CHECK(outputs.at("c").values == Numbers(6, 2.5));
  CHECK(outputs.at("w").values == Numbers{1, 2});
  CHECK(outputs.at("s").values == Numbers{4, 5, 6});
}

TEST_CASE("NaN in gives NaN out, and only where it went in") {
  for (const Op op :
       {Op::neg, Op::exp, Op::log, Op::relu, Op::tanh, Op::sigmoid, Op::hard_sigmoid}) {
    INFO(std::string(to_string(op)));
    check_nan(of_row(op, {0.5, nan, 2}), {false, true, false});
  }
  for (const Op op : {Op::add, Op::sub, Op::mul, Op::div, Op::relu_grad, Op::tanh_grad,
                      Op::sigmoid_grad, Op::hard_sigmoid_grad}) {
    INFO(std::string(to_string(op)));
    check_nan(of_rows(op, {nan, 0.5, 0.5, nan}, {0.5, nan, 0.5, 0}), {true, true, false, true});
  }
  for (const std::size_t at : {0, 1, 2}) {
    Numbers x{1, 2, 3};
    x[at] = nan;
    check_nan(of_row(Op::softmax, x), {true, true, true});
  }
  check_nan(of(Op::softmax, {{{{batch_dim, 2}}, {1, nan, 1, 2}}}), {true, true, false, false});
  check_nan(
      of(Op::matmul, {{{{batch_dim, 2}}, {1, nan, 0, 1}}, {{{2, 1}}, {0, 0}}}, MatmulAttributes{}),
      {true, false});
  check_nan(of(Op::fused_matmul, {{{{batch_dim, 1}}, {nan, 1}}, {{{1, 1}}, {1}}},
               FusedMatmulAttributes{false, false, false, false, Activation::relu}),
            {true, false});
  check_nan(of(Op::sum_to, {{{{3}}, {1, nan, 2}}}, ShapeAttributes{}), {true});
  check_nan(of(Op::cross_entropy, {{{{batch_dim, 2}}, {0, nan, 0, 0}}, {{{batch_dim}}, {0, 1}, 2}}),
            {true});
}

TEST_CASE("feeds that do not fit are refused") {
  Sketch sketch;
  const Value x = sketch.input({{batch_dim, 2}}, "x"), i = sketch.index({{batch_dim}}, 3, "i");
  const Value table = sketch.weight({{3, 2}}, "T");
  const Graph graph = sketch.finish(sketch.add(Op::add, {x, sketch.add(Op::gather, {table, i})}));
  const Array two_by_two{{2, 2}, {1, 2, 3, 4}}, rows{{3, 2}, Numbers(6, 1)};
  const auto run = [&](const Array& fed_x, const Array& fed_i) {
    return evaluate(graph, {{"x", fed_x}, {"i", fed_i}, {"T", rows}}, 2);
  };
  CHECK_NOTHROW(run(two_by_two, {{2}, {0, 2}}));
  CHECK_THROWS_WITH(evaluate(graph, {{"x", two_by_two}}, 2), "'i' is not fed");
  CHECK_THROWS_AS(run({{4}, {1, 2, 3, 4}}, {{2}, {0, 2}}), InternalError);
  CHECK_THROWS_AS(run({{2, 2}, {1, 2, 3}}, {{2}, {0, 2}}), InternalError);
  CHECK_THROWS_WITH(run(two_by_two, {{2}, {0, 3}}), "'i' is fed 3, which is no index");
  CHECK_THROWS_AS(run(two_by_two, {{2}, {0, -1}}), InternalError);
  CHECK_THROWS_AS(run(two_by_two, {{2}, {0, 0.5}}), InternalError);
  CHECK_THROWS_AS(run(two_by_two, {{2}, {0, nan}}), InternalError);
  CHECK_THROWS_AS(evaluate(graph, {}, 0), InternalError);
}

TEST_CASE("gradients and updates have keys of their own") {
  Sketch sketch;
  const Value w = sketch.weight({}, "w");
  const Value twice = sketch.add(Op::add, {w, w});
  sketch.output(w, "w");
  sketch.output(twice, "w", OutputKind::gradient);
  sketch.output(sketch.add(Op::neg, {w}), "w", OutputKind::update);
  const auto outputs = evaluate(sketch.finish(), {{"w", {{}, {3}}}}, 1);
  CHECK(outputs.at("w").values == Numbers{3});
  CHECK(outputs.at("gradient:w").values == Numbers{6});
  CHECK(outputs.at("update:w").values == Numbers{-3});
}

}  // namespace coil::test
