#include "runtime/kernels/adam.hpp"

#include "compiler/source/internal_error.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

// A tensor's four arrays, each between canaries.
struct Arrays {
  Arrays(Index size, Index shift, Random& random)
      : weight(random.normal(size), shift),
        gradient(random.normal(size, 0.1f), 15 - shift),
        mean(random.normal(size, 0.01f), shift / 2),
        variance(random.uniform(size, 0, 0.02f), shift) {}

  AdamTensor tensor() {
    return {weight.data(), gradient.data(), mean.data(), variance.data(), weight_size()};
  }
  Index weight_size() const { return std::ssize(weight.values()); }
  bool intact() const {
    return weight.intact() && gradient.intact() && mean.intact() && variance.intact();
  }

  Guarded weight, gradient, mean, variance;
};

struct Expected {
  std::vector<double> weight, mean, variance, change;
};

Expected reference(const Arrays& arrays, const AdamParameters& p, Index step) {
  Expected result;
  const auto w = arrays.weight.values(), g = arrays.gradient.values();
  const auto m = arrays.mean.values(), v = arrays.variance.values();
  const auto t = static_cast<double>(step);
  const double rate =
      p.learning_rate * std::sqrt(1 - std::pow(p.beta2, t)) / (1 - std::pow(p.beta1, t));
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double gradient = p.gradient_scale * static_cast<double>(g[i]);
    const auto weight = static_cast<double>(w[i]);
    result.mean.push_back(p.beta1 * static_cast<double>(m[i]) + (1 - p.beta1) * gradient);
    result.variance.push_back(p.beta2 * static_cast<double>(v[i]) +
                              (1 - p.beta2) * gradient * gradient);
    result.change.push_back(rate * result.mean.back() /
                            (std::sqrt(result.variance.back()) + p.epsilon));
    result.weight.push_back(weight - p.learning_rate * p.decay * weight - result.change.back());
  }
  return result;
}

// The mean may cancel: its error is relative to its parts, at most 0.2 here, and so the weight's.
void require_agreement(const Arrays& arrays, const Expected& expected) {
  RC_ASSERT(difference(arrays.mean.values(), expected.mean, 1e-6, 2e-8) == "");
  RC_ASSERT(difference(arrays.variance.values(), expected.variance, 1e-6) == "");
  const auto weight = arrays.weight.values();
  for (std::size_t i = 0; i < weight.size(); ++i) {
    const double slack =
        1e-6 * std::abs(expected.change[i]) + 2e-8 / std::sqrt(expected.variance[i]);
    RC_ASSERT(near(weight[i], expected.weight[i], 1e-7, slack));
  }
}

}  // namespace

TEST_CASE("adam follows the formula over several tensors and writes nothing else") {
  for_each_target([] {
    CHECK(rc::check([] {
      Random random(*rc::gen::arbitrary<std::uint32_t>());
      const AdamParameters parameters{.learning_rate = *rc::gen::element(1e-4, 1e-3, 1e-2),
                                      .gradient_scale = *rc::gen::element(1.0, 0.25, 1e-2),
                                      .decay = *rc::gen::element(0.0, 0.1, 3.0)};
      const Index step = *rc::gen::element<Index>(1, 2, 10, 1000, 100'000'000'000);
      const Index shift = *rc::gen::inRange<Index>(0, 16);
      Arrays a(*rc::gen::inRange<Index>(0, 71), shift, random);
      Arrays b(*rc::gen::inRange<Index>(1, 71), shift, random);
      const Expected expected_a = reference(a, parameters, step);
      const Expected expected_b = reference(b, parameters, step);
      const auto gradient = b.gradient.values();
      adam(parameters, step, std::vector{a.tensor(), AdamTensor{}, b.tensor()});
      require_agreement(a, expected_a);
      require_agreement(b, expected_b);
      RC_ASSERT(same_bits(b.gradient.values(), gradient));
      RC_ASSERT(a.intact() && b.intact());
    }));
  });
}

TEST_CASE("adam's first step moves each weight by the learning rate against its gradient") {
  std::vector<float> weight = {1, 1, 1}, mean(3), variance(3);
  const std::vector<float> gradient = {0.5f, -2, 0};
  adam({.learning_rate = 0.01}, 1,
       std::vector{AdamTensor{weight.data(), gradient.data(), mean.data(), variance.data(), 3}});
  CHECK(weight[0] == Approx(0.99).epsilon(1e-6));
  CHECK(weight[1] == Approx(1.01).epsilon(1e-6));
  CHECK(weight[2] == 1.0f);
}

TEST_CASE("adam gives the same at any thread count, wherever the shares' borders fall") {
  CHECK(same_at_any_thread_count([] {
    Random random(2);
    Arrays a(57 * 42, 1, random), b(3, 2, random), c(90'001, 3, random);
    for (Index step = 1; step <= 3; ++step) {
      adam({}, step, std::vector{a.tensor(), b.tensor(), c.tensor()});
    }
    std::vector<float> all;
    for (const Arrays* arrays : {&a, &b, &c}) {
      for (const Guarded* part : {&arrays->weight, &arrays->mean, &arrays->variance}) {
        const auto values = part->values();
        all.insert(all.end(), values.begin(), values.end());
      }
    }
    return all;
  }));
}

TEST_CASE("adam keeps a NaN gradient in its own weight") {
  Random random(4);
  Arrays a(20, 1, random);
  a.gradient.data()[17] = kNan;
  adam({}, 1, std::vector{a.tensor()});
  for (const Guarded* part : {&a.weight, &a.mean, &a.variance}) {
    const auto values = part->values();
    for (std::size_t i = 0; i < 20; ++i) CHECK(std::isnan(values[i]) == (i == 17));
  }
}

TEST_CASE("adam makes the weight of an infinite gradient NaN") {
  Random random(4);
  Arrays a(3, 1, random);
  a.gradient.data()[1] = -kInfinity;
  adam({}, 1, std::vector{a.tensor()});
  CHECK(std::isnan(a.weight.values()[1]));
  CHECK(a.mean.values()[1] == -kInfinity);
  CHECK(a.variance.values()[1] == kInfinity);
}

TEST_CASE("adam says where a weight is finite no more, wherever it lies") {
  for_each_target([] {
    for (const Index size : {1, 3, 16, 21, 64})
      for (Index broken = -1; broken < size; ++broken)
        for (const float value : {kNan, kInfinity, -kInfinity}) {
          const auto count = static_cast<std::size_t>(size);
          std::vector<float> weight(count, 3e38f), mean(count), variance(count);
          const std::vector<float> gradient(count, -0.5f);
          if (broken >= 0) weight[static_cast<std::size_t>(broken)] = value;
          const AdamTensor tensor{weight.data(), gradient.data(), mean.data(), variance.data(),
                                  size};
          CHECK(adam({}, 1, std::vector{AdamTensor{}, tensor}) == (broken < 0));
        }
  });
}

TEST_CASE("adam lets the moments of a resting weight become zero, and leaves the mode as it was") {
  for_each_target([] {
    std::vector<float> weight(21, 1), mean(21, 1.2e-38f), variance(21, 1e-40f);
    const std::vector<float> gradient(21, 0.0f);
    adam({}, 5,
         std::vector{AdamTensor{weight.data(), gradient.data(), mean.data(), variance.data(), 21}});
    CHECK(weight == std::vector<float>(21, 1));
    CHECK(mean == std::vector<float>(21, 0));
    CHECK(variance == std::vector<float>(21, 0));
    volatile float denormal = 1e-40f;
    CHECK(denormal * 0.5f > 0);
  });
}

TEST_CASE("adam refuses a step before the first") {
  CHECK_THROWS_AS(adam({}, 0, {}), InternalError);
  CHECK_NOTHROW(adam({}, 1, {}));
}

}  // namespace coil::kernels::test
