#include "runtime/kernels/squared_norm.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

double reference(const std::vector<float>& values) {
  double sum = 0;
  for (const float x : values) sum += static_cast<double>(x) * static_cast<double>(x);
  return sum;
}

double norm_of(const std::vector<float>& values) {
  return squared_norm(std::vector{NormTensor{values.data(), std::ssize(values)}});
}

}  // namespace

TEST_CASE("squared_norm adds the squares of all tensors") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Case c = any_case();
      const float deviation = *rc::gen::element(1e-30f, 1.0f, 1e30f);
      Random random(c.seed);
      const auto a = random.normal(c.rows * c.columns, deviation);
      const auto b = random.normal(c.columns, deviation);
      Guarded first(a, c.shift);
      Guarded second(b, 15 - c.shift);
      const double norm =
          squared_norm(std::vector{NormTensor{first.data(), std::ssize(a)}, NormTensor{},
                                   NormTensor{second.data(), std::ssize(b)}});
      const double expected = reference(a) + reference(b);
      RC_ASSERT(std::abs(norm - expected) <= 1e-12 * expected);
    }));
  });
}

TEST_CASE("squared_norm of many elements: right, and the same at any thread count") {
  const auto values = Random(8).normal(1'000'003);
  CHECK(norm_of(values) == Approx(reference(values)).epsilon(1e-12));
  CHECK(same_at_any_thread_count([&] {
    const auto halves = std::bit_cast<std::array<float, 2>>(norm_of(values));
    return std::vector<float>(halves.begin(), halves.end());
  }));
}

TEST_CASE("squared_norm shows a NaN or an infinity wherever it stands, on any instruction set") {
  for_each_target([] {
    for (std::size_t at = 0; at < 67; ++at) {
      std::vector<float> values(67, 1.0f);
      values[at] = -kInfinity;
      REQUIRE(norm_of(values) == std::numeric_limits<double>::infinity());
      values[(at + 1) % 67] = kNan;
      REQUIRE(std::isnan(norm_of(values)));
    }
  });
  std::vector<float> many(300'000, 0.0f);
  many[123'456] = kNan;
  CHECK(std::isnan(norm_of(many)));
}

TEST_CASE("squared_norm does not overflow and is 0 of nothing") {
  CHECK(norm_of({3e38f, 3e38f}) == Approx(1.8e77).epsilon(1e-6));
  CHECK(norm_of({}) == 0);
  CHECK(squared_norm({}) == 0);
}

}  // namespace coil::kernels::test
