#include "tests/kernels/unary_reference.hpp"

namespace coil::kernels::test {
namespace {

// Every float whose bits are a multiple of `step`, from all exponents and both signs; NaN left out.
std::vector<float> sampled_floats(std::uint32_t step) {
  std::vector<float> values;
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += step) {
    const auto x = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (std::isfinite(x)) values.push_back(x);
  }
  return values;
}

double ulp_of(double exact) {
  const auto x =
      static_cast<float>(std::max(std::abs(exact), static_cast<double>(kSmallestNormal)));
  return static_cast<double>(std::nextafter(x, kInfinity)) - static_cast<double>(x);
}

struct Worst {
  double ulps = 0;
  float at = 0;
};

Worst worst_error(const UnaryCase& unary_case, const std::vector<float>& in) {
  std::vector<float> out(in.size());
  unary(unary_case.op, in.data(), out.data(), std::ssize(in));
  Worst worst;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double exact = unary_case.exact(static_cast<double>(in[i]));
    if (!near(out[i], exact, unary_case.relative, unary_case.absolute)) {
      FAIL(unary_case.name << "(" << in[i] << ") gave " << out[i] << " where " << exact
                           << " is due");
    }
    if (!std::isfinite(exact) || std::abs(exact) < static_cast<double>(kSmallestNormal)) continue;
    const double ulps = std::abs(static_cast<double>(out[i]) - exact) / ulp_of(exact);
    if (ulps > worst.ulps) worst = {ulps, in[i]};
  }
  return worst;
}

}  // namespace

// The header states these errors; a run with -s prints what it finds.
TEST_CASE("unary ops stay within their stated error over all magnitudes") {
  const auto in = sampled_floats(1999);
  for_each_target([&] {
    for (const UnaryCase& unary_case : kUnaryCases) {
      const Worst worst = worst_error(unary_case, in);
      INFO(unary_case.name << ": " << worst.ulps << " ulp at " << worst.at);
      CHECK(worst.ulps <= unary_case.ulps);
    }
  });
}

TEST_CASE("tanh near zero keeps its relative accuracy") {
  for_each_target([] {
    for (const float x : {1e-6f, -1e-6f, 3e-20f, 1e-3f, 0.25f, 0.34f, 0.35f}) {
      float y = x;
      unary(Unary::tanh, &y, &y, 1);
      CHECK(near(y, std::tanh(static_cast<double>(x)), 5e-7));
    }
  });
}

}  // namespace coil::kernels::test
