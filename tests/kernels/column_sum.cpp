#include "runtime/kernels/column_sum.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

// Whether each sum is within `relative` of the sum of absolute values of its column.
bool agrees(const std::vector<float>& in, Extent extent, const std::vector<float>& out,
            double relative) {
  for (Index j = 0; j < extent.columns; ++j) {
    double sum = 0;
    double size = 0;
    for (Index i = 0; i < extent.rows; ++i) {
      const auto x = static_cast<double>(in[static_cast<std::size_t>(i * extent.columns + j)]);
      sum += x;
      size += std::abs(x);
    }
    if (!near(out[static_cast<std::size_t>(j)], sum, 0, relative * size)) return false;
  }
  return std::ssize(out) == extent.columns;
}

std::vector<float> sums(const std::vector<float>& in, Extent extent) {
  std::vector<float> out(static_cast<std::size_t>(extent.columns), kNan);
  column_sum({in.data(), extent}, out.data());
  return out;
}

}  // namespace

TEST_CASE("column_sum is the sum of each column and writes nothing else") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Case c = any_case();
      const auto data = Random(c.seed).normal(c.rows * c.columns);
      Guarded in(data, c.shift);
      Guarded out(c.columns, 15 - c.shift);
      column_sum({in.data(), {c.rows, c.columns}}, out.data());
      RC_ASSERT(agrees(data, {c.rows, c.columns}, out.values(), 1e-6));
      RC_ASSERT(out.intact());
    }));
  });
}

TEST_CASE("column_sum of many rows: right, and the same at any thread count") {
  for (const Extent extent : {Extent{4096, 42}, Extent{4096, 57}, Extent{4096, 256},
                              Extent{100'000, 1}, Extent{100'000, 17}, Extent{3, 100'001}}) {
    const auto in = Random(3).uniform(extent.size(), 0, 1);  // of one sign: errors add up
    CHECK(agrees(in, extent, sums(in, extent), 3e-6));
    CHECK(same_at_any_thread_count([&] { return sums(in, extent); }));
  }
}

TEST_CASE("column_sum keeps NaN and infinity in their own column") {
  std::vector<float> in(70 * 19, 1.0f);
  in[66 * 19 + 2] = kNan;
  in[5 * 19 + 18] = -kInfinity;
  const auto out = sums(in, {70, 19});
  for (std::size_t j = 0; j < 19; ++j) {
    CHECK(near(out[j], static_cast<double>(j == 2 ? kNan : j == 18 ? -kInfinity : 70.0f), 0));
  }
}

TEST_CASE("column_sum of no rows is zero") {
  CHECK(sums({}, {0, 3}) == std::vector<float>(3, 0.0f));
}

}  // namespace coil::kernels::test
