// What recurrent means, by numbers worked out from its equations, and what it refuses.

#include "compiler/graph/ops/recurrent.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/ops/rounding.hpp"

#include "tests/support/sketch.hpp"

namespace coil::test::recurrent_test {
namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

constexpr RecurrentAttributes vanilla{RecurrentCell::vanilla, Activation::tanh};
constexpr RecurrentAttributes lstm{RecurrentCell::lstm, Activation::none};
constexpr RecurrentAttributes gru{RecurrentCell::gru, Activation::none};
constexpr RecurrentAttributes gru_after{RecurrentCell::gru_reset_after, Activation::none};

// One input, one unit: what comes in, the first h and c, and a number for each gate.
struct Numbers {
  std::vector<double> src, kernel, recurrent, bias;
  double h = 0, c = 0, recurrent_bias = 0;
};

std::vector<Value> leaves_of(Sketch& sketch, const RecurrentPlaces& places, std::int64_t steps) {
  const Shape row{{batch_dim, 1}};
  std::vector<Value> operands{sketch.input({{batch_dim, steps, 1}}, "src"), sketch.input(row, "h")};
  if (places.has_c) operands.push_back(sketch.input(row, "c"));
  operands.push_back(sketch.input({{1, places.gates}}, "kernel"));
  operands.push_back(sketch.input({{1, places.gates}}, "recurrent"));
  operands.push_back(sketch.input({{places.gates}}, "bias"));
  if (places.has_recurrent_bias) operands.push_back(sketch.input({{1}}, "recurrent_bias"));
  return operands;
}

// The sequence of h, the last h, and of an lstm the last c.
std::vector<double> results(RecurrentAttributes attributes, const Numbers& numbers) {
  const RecurrentPlaces places(attributes.cell);
  const std::int64_t steps = std::ssize(numbers.src), gates = places.gates;
  Sketch sketch;
  std::vector<Value> operands = leaves_of(sketch, places, steps);
  for (std::size_t i = 0; attributes.rounded && i < operands.size(); ++i)
    if (places.is_multiplied(i)) operands[i] = sketch.add(Op::to_bf16, {operands[i]});
  const NodeId node = sketch.build.node(Op::recurrent, attributes, std::move(operands));
  for (std::uint32_t i = 0; i < places.results; ++i)
    sketch.output({node, i}, "y" + std::to_string(i));
  Feeds feeds{{"src", {{1, steps, 1}, numbers.src}},
              {"h", {{1, 1}, {numbers.h}}},
              {"kernel", {{1, gates}, numbers.kernel}},
              {"recurrent", {{1, gates}, numbers.recurrent}},
              {"bias", {{gates}, numbers.bias}}};
  if (places.has_c) feeds["c"] = {{1, 1}, {numbers.c}};
  if (places.has_recurrent_bias) feeds["recurrent_bias"] = {{1}, {numbers.recurrent_bias}};
  std::vector<double> all;
  for (const auto& [name, array] : evaluate(sketch.finish(), feeds, 1))
    all.insert(all.end(), array.values.begin(), array.values.end());
  return all;
}

void check_near(const std::vector<double>& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == Approx(expected[i]).margin(1e-12));
}

}  // namespace

TEST_CASE("recurrent/vanilla") {
  const double first = std::tanh(0.5 * 2 + 0.25 * 0.8 + 0.1);
  const double second = std::tanh(-1.0 * 2 + first * 0.8 + 0.1);
  check_near(
      results(vanilla,
              {.src = {0.5, -1}, .kernel = {2}, .recurrent = {0.8}, .bias = {0.1}, .h = 0.25}),
      {first, second, second});
}

TEST_CASE("recurrent/lstm: gates i, f, g, o") {
  const double x = 0.5, h = 0.25, c = -0.75;
  const double i = logistic(x * 1 + h * 0.1 + 0.01), f = logistic(x * 2 + h * 0.2 + 0.02);
  const double g = std::tanh(x * 3 + h * 0.3 + 0.03), o = logistic(x * 4 + h * 0.4 + 0.04);
  const double next_c = f * c + i * g, next_h = o * std::tanh(next_c);
  check_near(results(lstm, {.src = {x},
                            .kernel = {1, 2, 3, 4},
                            .recurrent = {0.1, 0.2, 0.3, 0.4},
                            .bias = {0.01, 0.02, 0.03, 0.04},
                            .h = h,
                            .c = c}),
             {next_h, next_h, next_c});
}

TEST_CASE("recurrent/gru: gates z, r, n, reset before the product or after it") {
  const double x = 0.5, h = 0.25, late = 0.6;
  const double z = logistic(x * 1 + h * 0.1 + 0.01), r = logistic(x * 2 + h * 0.2 + 0.02);
  const Numbers numbers{.src = {x},
                        .kernel = {1, 2, 3},
                        .recurrent = {0.1, 0.2, 0.3},
                        .bias = {0.01, 0.02, 0.03},
                        .h = h,
                        .recurrent_bias = late};
  const double before = z * h + (1 - z) * std::tanh(x * 3 + r * h * 0.3 + 0.03);
  check_near(results(gru, numbers), {before, before});
  const double after = z * h + (1 - z) * std::tanh(x * 3 + 0.03 + r * (h * 0.3 + late));
  check_near(results(gru_after, numbers), {after, after});
}

// All numbers that come in are bf16 already.
TEST_CASE(
    "recurrent/rounded: h has eight significant bits from one step to the next, and c all of "
    "them") {
  RecurrentAttributes rounded = vanilla;
  rounded.rounded = true;
  const double first = nearest_bf16(std::tanh(0.5 * 2 + 0.25 * 0.75 + 0.1));
  const double second = nearest_bf16(std::tanh(-1.0 * 2 + first * 0.75 + 0.1));
  check_near(
      results(rounded,
              {.src = {0.5, -1}, .kernel = {2}, .recurrent = {0.75}, .bias = {0.1}, .h = 0.25}),
      {first, second, second});

  const double x = 0.5, h = 0.25, c = -0.7;
  const double i = logistic(x * 1 + h * 2 + 0.01), f = logistic(x * 2 + h * 3 + 0.02);
  const double g = std::tanh(x * 3 + h * 4 + 0.03), o = logistic(x * 4 + h * 5 + 0.04);
  const double next_c = f * c + i * g, next_h = nearest_bf16(o * std::tanh(next_c));
  rounded = lstm;
  rounded.rounded = true;
  check_near(results(rounded, {.src = {x},
                               .kernel = {1, 2, 3, 4},
                               .recurrent = {2, 3, 4, 5},
                               .bias = {0.01, 0.02, 0.03, 0.04},
                               .h = h,
                               .c = c}),
             {next_h, next_h, next_c});
}

TEST_CASE("recurrent refuses what is no cell over a sequence") {
  Sketch sketch;
  const std::vector<Value> fits = leaves_of(sketch, RecurrentPlaces(RecurrentCell::vanilla), 3);
  const auto why = [&](RecurrentAttributes attributes, std::vector<Value> operands) {
    return sketch.build.why_not(Op::recurrent, attributes, operands);
  };
  CHECK(why(vanilla, fits).empty());
  for (const Activation activation : {Activation::none, Activation::relu, Activation::hard_sigmoid})
    CHECK(why({RecurrentCell::vanilla, activation}, fits)
              .starts_with("a vanilla cell with activation"));
  CHECK(why({RecurrentCell::gru, Activation::tanh}, fits) == "a gru cell with activation tanh");
  CHECK(why(gru, fits) == "operand 2 is real[1, 3], not real[1, 1]");
  CHECK(why(gru_after, fits) == "a gru_reset_after cell takes 6 operands, not 5");
  std::vector<Value> swapped = fits;
  std::swap(swapped[0], swapped[1]);
  CHECK(why(vanilla, swapped) == "real[batch, 1] is no sequence of rows");
  std::vector<Value> wide = fits;
  wide[4] = sketch.input({{2}});
  CHECK(why(vanilla, wide) == "operand 4 is real[1], not real[2]");
  RecurrentAttributes rounded = vanilla;
  rounded.rounded = true;
  CHECK(why(rounded, fits) == "operand 0 is bf16[batch, 3, 1], not real[batch, 3, 1]");
  std::vector<Value> narrow = fits;
  for (const std::size_t i : {0, 1, 2, 3}) narrow[i] = sketch.add(Op::to_bf16, {narrow[i]});
  CHECK(why(rounded, narrow).empty());
  CHECK(why(vanilla, narrow) == "operand 0 is real[batch, 3, 1], not bf16[batch, 3, 1]");
  rounded = gru;
  rounded.rounded = true;
  CHECK(why(rounded, narrow) == "a gru cell carries h on, which is not to be rounded");
  CHECK(sketch.build.why_not(Op::recurrent_grad, vanilla, std::vector<Value>(9, fits[0])) != "");
}

}  // namespace coil::test::recurrent_test
