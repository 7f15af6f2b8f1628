#include "runtime/kernels/sgd.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test::sgd_test {
namespace {

// A tensor's three arrays, each between canaries.
struct Arrays {
  Arrays(Index size, Index shift, Random& random)
      : weight(random.normal(size), shift),
        gradient(random.normal(size, 0.1f), 15 - shift),
        velocity(random.normal(size, 0.1f), shift / 2) {}

  SgdTensor tensor() {
    return {weight.data(), gradient.data(), velocity.data(), std::ssize(weight.values())};
  }
  bool intact() const { return weight.intact() && gradient.intact() && velocity.intact(); }

  Guarded weight, gradient, velocity;
};

struct Expected {
  std::vector<double> weight, velocity;
};

Expected reference(const Arrays& arrays, const SgdParameters& p) {
  Expected result;
  const auto w = arrays.weight.values(), g = arrays.gradient.values();
  const auto v = arrays.velocity.values();
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double weight = static_cast<double>(w[i]);
    result.velocity.push_back(p.momentum * static_cast<double>(v[i]) +
                              p.gradient_scale * static_cast<double>(g[i]));
    result.weight.push_back(weight - p.learning_rate * p.decay * weight -
                            p.learning_rate * result.velocity.back());
  }
  return result;
}

}  // namespace

TEST_CASE("sgd follows the formula over several tensors and writes nothing else") {
  for_each_target([] {
    CHECK(rc::check([] {
      Random random(*rc::gen::arbitrary<std::uint32_t>());
      const SgdParameters parameters{.learning_rate = *rc::gen::element(1e-3, 0.1, 1.0),
                                     .momentum = *rc::gen::element(0.0, 0.5, 0.9),
                                     .gradient_scale = *rc::gen::element(1.0, 0.25, 1e-3),
                                     .decay = *rc::gen::element(0.0, 0.01, 0.3)};
      const Index shift = *rc::gen::inRange<Index>(0, 16);
      Arrays a(*rc::gen::inRange<Index>(0, 71), shift, random);
      Arrays b(*rc::gen::inRange<Index>(1, 71), shift, random);
      const Expected expected_a = reference(a, parameters), expected_b = reference(b, parameters);
      const auto gradient = b.gradient.values();
      sgd(parameters, std::vector{a.tensor(), SgdTensor{}, b.tensor()});
      for (const auto& [arrays, expected] : {std::pair(&a, &expected_a), {&b, &expected_b}}) {
        // Sums may cancel: the error is relative to their parts, at most about 5 here.
        RC_ASSERT(difference(arrays->velocity.values(), expected->velocity, 1e-6, 1e-7) == "");
        RC_ASSERT(difference(arrays->weight.values(), expected->weight, 1e-6, 1e-6) == "");
      }
      RC_ASSERT(same_bits(b.gradient.values(), gradient));
      RC_ASSERT(a.intact() && b.intact());
    }));
  });
}

TEST_CASE("sgd by numbers worked out by hand") {
  std::vector<float> weight = {1, 2}, velocity = {0, 4};
  const std::vector<float> gradient = {8, -8};
  sgd({.learning_rate = 0.5, .momentum = 0.25, .gradient_scale = 0.5, .decay = 0.125},
      std::vector{SgdTensor{weight.data(), gradient.data(), velocity.data(), 2}});
  CHECK(velocity == std::vector<float>{4, -3});
  CHECK(weight == std::vector<float>{1 - 0.0625f - 2, 2 - 0.125f + 1.5f});
}

TEST_CASE("sgd gives the same at any thread count, wherever the shares' borders fall") {
  CHECK(same_at_any_thread_count([] {
    Random random(2);
    Arrays a(57 * 42, 1, random), b(3, 2, random), c(90'001, 3, random);
    for (int step = 0; step < 3; ++step)
      sgd({.momentum = 0.9}, std::vector{a.tensor(), b.tensor(), c.tensor()});
    std::vector<float> all;
    for (const Arrays* arrays : {&a, &b, &c})
      for (const Guarded* part : {&arrays->weight, &arrays->velocity}) {
        const auto values = part->values();
        all.insert(all.end(), values.begin(), values.end());
      }
    return all;
  }));
}

TEST_CASE("sgd keeps a NaN gradient in its own weight, and lets a resting velocity become zero") {
  Random random(4);
  Arrays a(20, 1, random);
  a.gradient.data()[17] = kNan;
  sgd({}, std::vector{a.tensor()});
  for (const Guarded* part : {&a.weight, &a.velocity}) {
    const auto values = part->values();
    for (std::size_t i = 0; i < 20; ++i) CHECK(std::isnan(values[i]) == (i == 17));
  }
  std::vector<float> weight(21, 1), velocity(21, 1.2e-38f);
  const std::vector<float> gradient(21, 0.0f);
  sgd({.momentum = 0.9},
      std::vector{SgdTensor{weight.data(), gradient.data(), velocity.data(), 21}});
  CHECK(velocity == std::vector<float>(21, 0));
  CHECK(weight == std::vector<float>(21, 1));
}

TEST_CASE("sgd says where a weight is finite no more, wherever it lies") {
  for_each_target([] {
    for (const Index size : {1, 3, 16, 21, 64})
      for (Index broken = -1; broken < size; ++broken) {
        const auto count = static_cast<std::size_t>(size);
        std::vector<float> weight(count, 3e38f), velocity(count), gradient(count, 1);
        // This one passes the largest number.
        if (broken >= 0) gradient[static_cast<std::size_t>(broken)] = -2e38f;
        CHECK(sgd({.learning_rate = 1},
                  std::vector{SgdTensor{weight.data(), gradient.data(), velocity.data(), size}}) ==
              (broken < 0));
      }
  });
}

}  // namespace coil::kernels::test::sgd_test
