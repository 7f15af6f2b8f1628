#include "runtime/kernels/cross_entropy.hpp"

#include "compiler/source/internal_error.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

struct Reference {
  std::vector<double> losses;
  std::vector<double> gradient;
  double mean = 0;
};

// log1p over all terms but the largest, in double: exact enough even for losses near 1e-30.
Reference reference(const std::vector<float>& logits, const std::vector<std::int32_t>& target,
                    Index classes) {
  Reference result;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const auto row = logits.begin() + static_cast<Index>(i) * classes;
    const auto top = std::max_element(row, row + classes);
    double others = 0;
    double not_target = 0;
    for (auto x = row; x != row + classes; ++x) {
      const double e = std::exp(static_cast<double>(*x) - static_cast<double>(*top));
      if (x != top) others += e;
      if (x != row + target[i]) not_target += e;
    }
    const double gap = static_cast<double>(*top) - static_cast<double>(row[target[i]]);
    result.losses.push_back(std::log1p(others) + gap);
    result.mean += result.losses.back() / static_cast<double>(target.size());
    for (Index j = 0; j < classes; ++j) {
      const double e = std::exp(static_cast<double>(row[j]) - static_cast<double>(*top));
      const double top_part = j == target[i] ? -not_target : e;
      result.gradient.push_back(top_part / (1 + others) / static_cast<double>(target.size()));
    }
  }
  return result;
}

struct Result {
  std::vector<float> losses;
  std::vector<float> gradient;
  double mean = 0;
};

Result run(const std::vector<float>& logits, const std::vector<std::int32_t>& target,
           Index classes) {
  Result result{std::vector<float>(target.size()), std::vector<float>(logits.size()), 0};
  result.mean = softmax_cross_entropy({logits.data(), {std::ssize(target), classes}}, target.data(),
                                      result.losses.data(), result.gradient.data());
  return result;
}

}  // namespace

TEST_CASE("cross-entropy agrees with double precision and writes nothing else") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Case c = any_case();
      const float deviation = *rc::gen::element(0.0f, 1e-3f, 1.0f, 10.0f, 30.0f, 1e4f);
      Random random(c.seed);
      const auto data = random.normal(c.rows * c.columns, deviation);
      const auto target = random.indices(c.rows, c.columns);
      Guarded logits(data, c.shift);
      Guarded losses(c.rows, 15 - c.shift);
      Guarded gradient(c.rows * c.columns, c.shift);
      const ConstMatrix in{logits.data(), {c.rows, c.columns}};
      const double mean = softmax_cross_entropy(in, target.data(), losses.data(), gradient.data());
      const Reference expected = reference(data, target, c.columns);
      RC_ASSERT(difference(losses.values(), expected.losses, 1e-5, 1e-37) == "");
      RC_ASSERT(difference(gradient.values(), expected.gradient, 1e-5, 1e-37) == "");
      RC_ASSERT(near(static_cast<float>(mean), expected.mean, 1e-5, 1e-37));
      RC_ASSERT(losses.intact() && gradient.intact());

      Guarded forward(c.rows, c.shift);
      RC_ASSERT(softmax_cross_entropy(in, target.data(), forward.data()) == mean);
      RC_ASSERT(same_bits(forward.values(), losses.values()) && forward.intact());

      softmax_cross_entropy(in, target.data(), losses.data(), logits.data());
      RC_ASSERT(same_bits(logits.values(), gradient.values()) && logits.intact());
    }));
  });
}

TEST_CASE("a loss near zero and its gradient keep their relative accuracy") {
  for_each_target([] {
    for (const float margin : {10.0f, 20.0f, 40.0f, 80.0f}) {
      std::vector<float> logits(57, 0.0f);
      logits[31] = margin;
      const Reference expected = reference(logits, {31}, 57);
      const Result result = run(logits, {31}, 57);
      CHECK(result.losses[0] > 0);
      CHECK(difference(result.losses, expected.losses, 1e-6) == "");
      CHECK(difference(result.gradient, expected.gradient, 1e-5) == "");
    }
  });
}

TEST_CASE("cross-entropy of equal logits is the logarithm of the classes") {
  for (const float value : {0.0f, 1e4f, -1e30f, 3e38f}) {
    const Result result = run(std::vector<float>(5 * 57, value), {0, 56, 16, 15, 3}, 57);
    CHECK(result.mean == Approx(std::log(57.0)).epsilon(1e-6));
  }
}

TEST_CASE("cross-entropy of one class is zero") {
  const Result result = run({3, -2}, {0, 0}, 1);
  CHECK(result.mean == 0);
  CHECK(result.gradient == std::vector<float>{0, 0});
}

TEST_CASE("cross-entropy of many rows: right, and the same at any thread count") {
  for (const Extent extent : {Extent{512, 57}, Extent{4096, 57}, Extent{5, 50'001}}) {
    Random random(9);
    const auto logits = random.normal(extent.size(), 3);
    const auto target = random.indices(extent.rows, extent.columns);
    const Reference expected = reference(logits, target, extent.columns);
    const Result result = run(logits, target, extent.columns);
    CHECK(difference(result.losses, expected.losses, 1e-6) == "");
    CHECK(difference(result.gradient, expected.gradient, 1e-5) == "");
    CHECK(result.mean == Approx(expected.mean).epsilon(1e-6));
    CHECK(same_at_any_thread_count([&] {
      const Result again = run(logits, target, extent.columns);
      CHECK(again.mean == result.mean);
      auto all = again.gradient;
      all.insert(all.end(), again.losses.begin(), again.losses.end());
      return all;
    }));
  }
}

TEST_CASE("cross-entropy hides no NaN and no +inf, wherever in the row, and spoils no other row") {
  for_each_target([] {
    for (const float bad : {kNan, -kNan, kInfinity}) {
      for (Index at = 0; at < 57; ++at) {
        auto logits = Random(1).normal(3 * 57);
        logits[static_cast<std::size_t>(57 + at)] = bad;
        const Result result = run(logits, {5, 40, 56}, 57);
        REQUIRE(std::isnan(result.mean));
        for (std::size_t i = 0; i < 3; ++i) REQUIRE(std::isnan(result.losses[i]) == (i == 1));
        for (std::size_t i = 0; i < result.gradient.size(); ++i) {
          REQUIRE(std::isnan(result.gradient[i]) == (i / 57 == 1));
        }
      }
    }
  });
}

TEST_CASE("cross-entropy takes -inf as probability 0, which costs +inf at the target") {
  const Result apart = run({0, -kInfinity, 0}, {2}, 3);
  CHECK(apart.losses[0] == Approx(std::log(2.0)).epsilon(1e-6));
  CHECK(apart.gradient == std::vector<float>{0.5f, 0, -0.5f});
  const Result at_target = run({0, -kInfinity, 0}, {1}, 3);
  CHECK(at_target.mean == std::numeric_limits<double>::infinity());
  CHECK(at_target.gradient == std::vector<float>{0.5f, -1, 0.5f});
  const Result nothing_else = run({-kInfinity, -kInfinity}, {1}, 2);
  CHECK(std::isnan(nothing_else.mean));
}

TEST_CASE("cross-entropy of no rows has no mean") { CHECK(std::isnan(run({}, {}, 3).mean)); }

#ifndef NDEBUG
TEST_CASE("a debug build refuses a target that is no class") {
  CHECK_THROWS_AS(run({1, 2, 3}, {3}, 3), InternalError);
}
#endif

}  // namespace coil::kernels::test
