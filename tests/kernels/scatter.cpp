#include "runtime/kernels/scatter.hpp"

#include "compiler/source/internal_error.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test::scatter_test {
namespace {

// The sums and, beside them, the sums of absolute values: rounding is relative to the latter.
struct Reference {
  std::vector<double> sum;
  std::vector<double> size;
};

Reference reference(const std::vector<float>& values, const std::vector<std::int32_t>& index,
                    Extent table) {
  Reference result;
  result.sum.assign(static_cast<std::size_t>(table.size()), 0.0);
  result.size = result.sum;
  for (std::size_t i = 0; i < index.size(); ++i) {
    for (Index j = 0; j < table.columns; ++j) {
      const auto from = i * static_cast<std::size_t>(table.columns) + static_cast<std::size_t>(j);
      const auto to = static_cast<std::size_t>(index[i] * table.columns + j);
      result.sum[to] += static_cast<double>(values[from]);
      result.size[to] += std::abs(static_cast<double>(values[from]));
    }
  }
  return result;
}

bool agrees(const std::vector<float>& actual, const Reference& expected, double relative) {
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (!near(actual[i], expected.sum[i], 0, relative * expected.size[i])) return false;
  }
  return actual.size() == expected.sum.size();
}

std::vector<float> scattered(const std::vector<float>& values,
                             const std::vector<std::int32_t>& index, Extent table) {
  std::vector<float> out(static_cast<std::size_t>(table.size()), kNan);
  scatter_add_rows(values.data(), index, {out.data(), table});
  return out;
}

}  // namespace

TEST_CASE("scatter_add_rows adds into zeroed rows and writes nothing else") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Case c = any_case();
      Random random(c.seed);
      const auto index = random.indices(*rc::gen::inRange<Index>(0, 71), c.rows);
      const auto data = random.normal(std::ssize(index) * c.columns);
      Guarded values(data, c.shift);
      Guarded table(std::vector<float>(static_cast<std::size_t>(c.rows * c.columns), kNan),
                    15 - c.shift);
      scatter_add_rows(values.data(), index, {table.data(), {c.rows, c.columns}});
      RC_ASSERT(agrees(table.values(), reference(data, index, {c.rows, c.columns}), 1e-6));
      RC_ASSERT(table.intact());
    }));
  });
}

TEST_CASE("scatter_add_rows of many rows: right, and the same at any thread count") {
  for (const Index width : {1, 42, 57, 256}) {
    Random random(11);
    const auto values = random.normal(4096 * width);
    const auto index = random.indices(4096, 57);
    CHECK(
        agrees(scattered(values, index, {57, width}), reference(values, index, {57, width}), 2e-6));
    CHECK(same_at_any_thread_count([&] { return scattered(values, index, {57, width}); }));
  }
}

TEST_CASE("scatter_add_rows keeps NaN and infinity in their own element") {
  std::vector<float> values(5 * 20, 1.0f);
  values[1 * 20 + 3] = kNan;
  values[2 * 20 + 19] = kInfinity;
  const auto out = scattered(values, {0, 1, 1, 2, 0}, {4, 20});
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double sums[4] = {2, 2, 1, 0};
    const double due = i == 23   ? static_cast<double>(kNan)
                       : i == 39 ? static_cast<double>(kInfinity)
                                 : sums[i / 20];
    CHECK(near(out[i], due, 0));
  }
}

TEST_CASE("scatter_add_rows without values zeroes the table") {
  CHECK(scattered({}, {}, {3, 5}) == std::vector<float>(15, 0.0f));
}

#ifndef NDEBUG
TEST_CASE("a debug build refuses to scatter outside the table") {
  CHECK_THROWS_AS(scattered({1, 2}, {-1}, {3, 2}), InternalError);
}
#endif

}  // namespace coil::kernels::test::scatter_test
