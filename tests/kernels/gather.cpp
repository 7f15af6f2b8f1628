#include "runtime/kernels/gather.hpp"

#include "compiler/source/internal_error.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

std::vector<float> expected_rows(const std::vector<float>& table, Index width,
                                 const std::vector<std::int32_t>& index) {
  std::vector<float> out;
  for (const std::int32_t row : index) {
    out.insert(out.end(), table.begin() + row * width, table.begin() + (row + 1) * width);
  }
  return out;
}

std::vector<float> gathered(const std::vector<float>& table, Extent extent,
                            const std::vector<std::int32_t>& index) {
  std::vector<float> out(index.size() * static_cast<std::size_t>(extent.columns));
  gather_rows({table.data(), extent}, index, out.data());
  return out;
}

}  // namespace

TEST_CASE("gather_rows copies the named rows, bit for bit, and writes nothing else") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Case c = any_case();
      Random random(c.seed);
      std::vector<float> values = random.normal(c.rows * c.columns);
      values[0] = std::bit_cast<float>(0x7fa12345);  // a signalling NaN with a payload
      Guarded table(values, c.shift);
      const auto index = random.indices(*rc::gen::inRange<Index>(0, 71), c.rows);
      Guarded out(std::ssize(index) * c.columns, 15 - c.shift);
      gather_rows({table.data(), {c.rows, c.columns}}, index, out.data());
      RC_ASSERT(same_bits(out.values(), expected_rows(values, c.columns, index)));
      RC_ASSERT(out.intact());
    }));
  });
}

TEST_CASE("gather_rows of many rows gives the same at any thread count") {
  for (const Index width : {42, 57, 256}) {
    Random random(7);
    const auto table = random.normal(57 * width);
    const auto index = random.indices(4096, 57);
    CHECK(same_bits(gathered(table, {57, width}, index), expected_rows(table, width, index)));
    CHECK(same_at_any_thread_count([&] { return gathered(table, {57, width}, index); }));
  }
}

TEST_CASE("check_indices finds the first index outside, wherever it stands") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Index size = *rc::gen::inRange<Index>(1, 200);
      const Index rows = *rc::gen::inRange<Index>(1, 100);
      auto index = Random(*rc::gen::arbitrary<std::uint32_t>()).indices(size, rows);
      RC_ASSERT(check_indices(index, rows) == -1);
      const Index first = *rc::gen::inRange<Index>(0, size);
      const Index second = *rc::gen::inRange<Index>(first, size);
      const auto wrong = [&] {
        return *rc::gen::element<std::int32_t>(static_cast<std::int32_t>(rows), -1, INT32_MIN,
                                               INT32_MAX);
      };
      index[static_cast<std::size_t>(second)] = wrong();
      index[static_cast<std::size_t>(first)] = wrong();
      RC_ASSERT(check_indices(index, rows) == first);
    }));
  });
}

TEST_CASE("check_indices at the edges") {
  const std::vector<std::int32_t> index = {0, INT32_MAX};
  CHECK(check_indices(index, std::int64_t{1} << 31) == -1);
  CHECK(check_indices(index, std::int64_t{1} << 40) == -1);
  CHECK(check_indices(index, INT32_MAX) == 1);
  CHECK(check_indices(index, 0) == 0);
  CHECK(check_indices(index, -5) == 0);
  CHECK(check_indices({}, 0) == -1);
}

#ifndef NDEBUG
TEST_CASE("a debug build refuses an index outside the table") {
  const std::vector<float> table(6);
  std::vector<float> out(4);
  const std::vector<std::int32_t> index = {0, 3};
  CHECK_THROWS_AS(gather_rows({table.data(), {3, 2}}, index, out.data()), InternalError);
}
#endif

}  // namespace coil::kernels::test
