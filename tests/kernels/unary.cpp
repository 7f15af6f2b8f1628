#include "runtime/kernels/unary.hpp"

#include "tests/kernels/unary_reference.hpp"

namespace coil::kernels::test {

TEST_CASE("each unary op agrees with double precision and writes nothing else") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Case c = any_case();
      const float deviation = *rc::gen::element(1e-30f, 1e-6f, 0.1f, 1.0f, 10.0f, 1e6f);
      const auto data = Random(c.seed).normal(c.rows * c.columns, deviation);
      for (const UnaryCase& unary_case : kUnaryCases) {
        std::vector<double> expected;
        for (const float x : data) expected.push_back(unary_case.exact(static_cast<double>(x)));
        Guarded in(data, c.shift);
        Guarded out(std::ssize(data), 15 - c.shift);
        unary(unary_case.op, in.data(), out.data(), std::ssize(data));
        RC_ASSERT(difference(out.values(), expected, unary_case.relative, unary_case.absolute) ==
                  "");
        RC_ASSERT(out.intact());
        unary(unary_case.op, in.data(), in.data(), std::ssize(data));
        RC_ASSERT(same_bits(in.values(), out.values()) && in.intact());
      }
    }));
  });
}

TEST_CASE("unary ops of many elements give the same at any thread count") {
  const auto in = Random(13).normal(300'001, 2);
  for (const UnaryCase& unary_case : kUnaryCases) {
    CHECK(same_at_any_thread_count([&] {
      std::vector<float> out(in.size());
      unary(unary_case.op, in.data(), out.data(), std::ssize(in));
      return out;
    }));
  }
}

TEST_CASE("NaN stays NaN in each unary op, in full vectors and in the tail") {
  for_each_target([] {
    for (const UnaryCase& unary_case : kUnaryCases) {
      for (std::size_t at = 0; at < 37; ++at) {
        std::vector<float> x(37, 0.5f);
        x[at] = at % 2 == 0 ? kNan : -kNan;
        unary(unary_case.op, x.data(), x.data(), 37);
        for (std::size_t i = 0; i < 37; ++i) REQUIRE(std::isnan(x[i]) == (i == at));
      }
    }
  });
}

TEST_CASE("unary ops at infinity, at zero and beyond the range of exp") {
  const auto at = [](Unary op, float x) {
    unary(op, &x, &x, 1);
    return x;
  };
  for_each_target([&] {
    CHECK(at(Unary::tanh, kInfinity) == 1);
    CHECK(at(Unary::tanh, -kInfinity) == -1);
    CHECK(std::signbit(at(Unary::tanh, -0.0f)));
    CHECK(at(Unary::sigmoid, kInfinity) == 1);
    CHECK(at(Unary::sigmoid, -kInfinity) == 0);
    CHECK(at(Unary::sigmoid, 0) == 0.5f);
    CHECK(at(Unary::hard_sigmoid, kInfinity) == 1);
    CHECK(at(Unary::hard_sigmoid, -kInfinity) == 0);
    CHECK(at(Unary::relu, kInfinity) == kInfinity);
    CHECK(at(Unary::relu, -kInfinity) == 0);
    CHECK(at(Unary::relu, 1e-45f) == 1e-45f);
    CHECK(at(Unary::exp, 0) == 1);
    CHECK(at(Unary::exp, kInfinity) == kInfinity);
    CHECK(at(Unary::exp, 3e38f) == kInfinity);
    CHECK(at(Unary::exp, 89) == kInfinity);
    CHECK(at(Unary::exp, 88.7f) < kInfinity);
    CHECK(at(Unary::exp, -kInfinity) == 0);
    CHECK(at(Unary::exp, -3e38f) == 0);
    CHECK(at(Unary::log, 1) == 0);
    CHECK(at(Unary::log, 0) == -kInfinity);
    CHECK(at(Unary::log, -0.0f) == -kInfinity);
    CHECK(at(Unary::log, kInfinity) == kInfinity);
    CHECK(std::isnan(at(Unary::log, -1)));
    CHECK(std::isnan(at(Unary::log, -kInfinity)));
  });
}

TEST_CASE("affine scales and shifts, over its input too, at any thread count") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Case c = any_case();
      const auto data = Random(c.seed).normal(c.rows * c.columns);
      std::vector<double> expected;
      for (const float x : data) expected.push_back(-1.5 * static_cast<double>(x) + 0.25);
      Guarded in(data, c.shift);
      affine(-1.5f, 0.25f, in.data(), in.data(), std::ssize(data));
      RC_ASSERT(difference(in.values(), expected, 2e-7, 1e-7) == "");
      RC_ASSERT(in.intact());
    }));
  });
  const auto in = Random(13).normal(300'001);
  CHECK(same_at_any_thread_count([&] {
    std::vector<float> out(in.size());
    affine(0.3f, 0.7f, in.data(), out.data(), std::ssize(in));
    return out;
  }));
  float nan = kNan;
  affine(0, 1, &nan, &nan, 1);
  CHECK(std::isnan(nan));
}

}  // namespace coil::kernels::test
