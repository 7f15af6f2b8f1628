#include "runtime/kernels/expression.hpp"

#include <map>

#include "runtime/kernels/activation_gradient.hpp"
#include "runtime/kernels/binary.hpp"
#include "runtime/kernels/unary.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

// What each function gives by the kernel that does nothing else.
std::vector<float> alone(Function function, const std::vector<float>& a,
                         const std::vector<float>& b) {
  static const std::map<Function, Unary> of_one = {
      {Function::exp, Unary::exp},         {Function::log, Unary::log},
      {Function::relu, Unary::relu},       {Function::tanh, Unary::tanh},
      {Function::sigmoid, Unary::sigmoid}, {Function::hard_sigmoid, Unary::hard_sigmoid}};
  static const std::map<Function, Binary> of_two = {{Function::add, Binary::add},
                                                    {Function::subtract, Binary::subtract},
                                                    {Function::multiply, Binary::multiply},
                                                    {Function::divide, Binary::divide}};
  static const std::map<Function, Activation> gradients = {
      {Function::relu_gradient, Activation::relu},
      {Function::tanh_gradient, Activation::tanh},
      {Function::sigmoid_gradient, Activation::sigmoid},
      {Function::hard_sigmoid_gradient, Activation::hard_sigmoid}};
  std::vector<float> y = a;  // copy
  const Index size = std::ssize(a);
  if (function == Function::negate)
    affine(-1.0f, -0.0f, a.data(), y.data(), size);
  else if (of_one.contains(function))
    unary(of_one.at(function), a.data(), y.data(), size);
  else if (of_two.contains(function))
    binary(of_two.at(function), Broadcast::none, a.data(), b.data(), y.data(), {1, size});
  else if (gradients.contains(function))
    activation_gradient(gradients.at(function), a.data(), b.data(), y.data(), size);
  else
    REQUIRE(function == Function::copy);
  return y;
}

constexpr int kFunctions = static_cast<int>(Function::hard_sigmoid_gradient) + 1;

std::vector<float> evaluated(const Expression& expression) {
  std::vector<float> scratch(
      static_cast<std::size_t>(scratch_size(expression, omp_get_max_threads()) + 1));
  evaluate(expression, scratch.data());
  return scratch;
}

}  // namespace

TEST_CASE("each function of an expression gives the bits that it gives alone") {
  for_each_target([] {
    for (int f = 0; f < kFunctions; ++f)
      CHECK(rc::check([&] {
        const auto function = static_cast<Function>(f);
        const Case c = any_case();
        Random random(c.seed);
        const std::vector<float> a = random.normal(c.rows * c.columns);
        const std::vector<float> b = random.normal(c.rows * c.columns);
        Guarded left(a, c.shift), right(b, 15 - c.shift), y(c.rows * c.columns, 3);
        evaluated({.extent = {c.rows, c.columns},
                   .numbers = {},
                   .instructions = {{function,
                                     {left.data(), c.columns},
                                     {right.data(), c.columns},
                                     {y.data(), c.columns}}}});
        RC_ASSERT(same_bits(y.values(), alone(function, a, b)));
        RC_ASSERT(y.intact());
      }));
  });
}

// y = -(a + row) * 3, with a and y parts of wider matrices, and -(a + row) in a block.
TEST_CASE("an expression reads and writes parts of matrices, rows and numbers, and nothing else") {
  CHECK(rc::check([] {
    const Case c = any_case();
    Random random(c.seed);
    const Index wide = c.columns + 5;
    const std::vector<float> a = random.normal(c.rows * wide), row = random.normal(c.columns);
    const float three = 3;
    Guarded in(a, c.shift), one_row(row, 1), out(c.rows * wide, 2);
    for (Index i = 0; i < c.rows * wide; ++i) out.data()[i] = 7;
    const Place block{nullptr, 0, 0}, number{nullptr, 0, 1};
    evaluated({.extent = {c.rows, c.columns},
               .numbers = {{1, &three}},
               .instructions = {{Function::add, {in.data() + 2, wide}, {one_row.data()}, block},
                                {Function::negate, block, block, block},
                                {Function::multiply, block, number, {out.data() + 4, wide}}},
               .blocks = 2});
    std::vector<float> expected(static_cast<std::size_t>(c.rows * wide), 7.0f);
    for (Index r = 0; r < c.rows; ++r)
      for (Index i = 0; i < c.columns; ++i)
        expected[static_cast<std::size_t>(r * wide + 4 + i)] =
            -(a[static_cast<std::size_t>(r * wide + 2 + i)] + row[static_cast<std::size_t>(i)]) * 3;
    RC_ASSERT(same_bits(out.values(), expected));
    RC_ASSERT(out.intact());
  }));
}

TEST_CASE("an expression reads rows where a table has them") {
  CHECK(rc::check([] {
    const Case c = any_case();
    Random random(c.seed);
    constexpr Index choices = 5;
    const std::vector<float> table = random.normal(choices * c.columns),
                             x = random.normal(c.rows * c.columns);
    std::vector<std::int32_t> rows;
    for (Index r = 0; r < c.rows; ++r)
      rows.push_back(static_cast<std::int32_t>((r * r + 3) % choices));
    Guarded in(table, c.shift), other(x, 1), out(c.rows * c.columns, 2);
    const Place row{.data = in.data(), .stride = c.columns, .rows = rows.data()};
    evaluated(
        {.extent = {c.rows, c.columns},
         .numbers = {},
         .instructions = {{Function::add, row, {other.data(), c.columns}, {out.data(), c.columns}}},
         .blocks = 0});
    for (Index r = 0; r < c.rows; ++r)
      for (Index i = 0; i < c.columns; ++i) {
        const auto at = static_cast<std::size_t>(r * c.columns + i);
        const auto from = rows[static_cast<std::size_t>(r)] * c.columns + i;
        RC_ASSERT(out.values()[at] == table[static_cast<std::size_t>(from)] + x[at]);
      }
    RC_ASSERT(out.intact());
  }));
}

TEST_CASE("an expression rounds into parts of matrices, and writes nothing else") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Case c = any_case();
      Random random(c.seed);
      const std::vector<float> a = random.normal(c.rows * c.columns);
      const Index stride = c.columns + 5;
      constexpr Bf16 untouched = 0x1234;
      std::vector<Bf16> y(static_cast<std::size_t>(c.rows * stride), untouched);
      Guarded left(a, c.shift);
      evaluated({.extent = {c.rows, c.columns},
                 .numbers = {},
                 .instructions = {{Function::round_to_bf16,
                                   {left.data(), c.columns},
                                   {left.data(), c.columns},
                                   {.stride = stride, .rounded = y.data() + 2}}}});
      std::vector<Bf16> meant(y.size(), untouched);
      for (Index row = 0; row < c.rows; ++row)
        round_to_bf16(left.data() + row * c.columns, meant.data() + row * stride + 2, c.columns);
      RC_ASSERT(y == meant);
    }));
  });
}

TEST_CASE("an expression may write where it reads, at any number of threads") {
  const int before = omp_get_max_threads();
  const Extent extent{37, 1300};
  Random random(5);
  const std::vector<float> a = random.normal(extent.size()), b = random.normal(extent.size());
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 3}) {
    omp_set_num_threads(threads);
    std::vector<float> x = a, y = b;
    const Place left{x.data(), extent.columns}, right{y.data(), extent.columns};
    evaluated({.extent = extent,
               .numbers = {},
               .instructions = {{Function::tanh, left, left, left},
                                {Function::multiply, left, right, right},
                                {Function::sigmoid, left, left, left}}});
    const std::vector<float> t = alone(Function::tanh, a, a);
    CHECK(same_bits(x, alone(Function::sigmoid, t, t)));
    CHECK(same_bits(y, alone(Function::multiply, t, b)));
    results.push_back(y);
  }
  omp_set_num_threads(before);
  CHECK(same_bits(results[0], results[1]));
  CHECK(same_bits(results[0], results[2]));
}

}  // namespace coil::kernels::test
