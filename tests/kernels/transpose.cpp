#include "runtime/kernels/transpose.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {

TEST_CASE("transpose puts every element at its mirrored place, and writes nothing else") {
  CHECK(rc::check([] {
    const Case c = any_case();
    Random random(c.seed);
    const std::vector<float> in = random.normal(c.rows * c.columns);
    Guarded out(c.rows * c.columns, c.shift);
    transpose(in.data(), out.data(), {c.rows, c.columns});
    std::vector<float> expected;
    for (Index column = 0; column < c.columns; ++column)
      for (Index row = 0; row < c.rows; ++row)
        expected.push_back(in[static_cast<std::size_t>(row * c.columns + column)]);
    RC_ASSERT(same_bits(out.values(), expected));
    RC_ASSERT(out.intact());
  }));
}

TEST_CASE("transpose divides large matrices among threads without a gap") {
  const int threads = omp_get_max_threads();
  omp_set_num_threads(3);
  const Extent extent{517, 263};
  Random random(1);
  const std::vector<float> in = random.normal(extent.size());
  std::vector<float> out(in.size()), back(in.size());
  transpose(in.data(), out.data(), extent);
  transpose(out.data(), back.data(), {extent.columns, extent.rows});
  omp_set_num_threads(threads);
  CHECK(same_bits(back, in));
  CHECK_FALSE(same_bits(out, in));
}

}  // namespace coil::kernels::test
