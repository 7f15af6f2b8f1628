#include "runtime/kernels/dropout.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {

TEST_CASE("dropout keeps what the mask keeps, scaled, in place too, and writes nothing else") {
  CHECK(rc::check([] {
    const Case c = any_case();
    Random random(c.seed);
    const Index size = c.rows * c.columns;
    const auto values = random.normal(size);
    const DropoutMask mask(0.5, 3, c.seed % 1000, 7);
    std::vector<float> expected;
    for (Index i = 0; i < size; ++i) {
      const auto at = static_cast<std::size_t>(i);
      expected.push_back(mask.keeps(at / 4)[at % 4] ? values[at] * 2.0f : 0.0f);
    }
    Guarded in(values, c.shift);
    Guarded out(size, 15 - c.shift);
    dropout(mask, 2.0f, in.data(), out.data(), size);
    RC_ASSERT(same_bits(out.values(), expected));
    RC_ASSERT(out.intact());
    dropout(mask, 2.0f, in.data(), in.data(), size);
    RC_ASSERT(same_bits(in.values(), expected));
    RC_ASSERT(in.intact());
  }));
}

TEST_CASE("dropout gives the same bits at any thread count") {
  Random random(7);
  const Index size = 100'003;
  const auto x = random.normal(size);
  CHECK(same_at_any_thread_count([&] {
    std::vector<float> y(x.size());
    dropout(DropoutMask(0.3, 0, 1, 2), 1 / 0.7f, x.data(), y.data(), size);
    return y;
  }));
}

}  // namespace coil::kernels::test
