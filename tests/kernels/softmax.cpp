#include "runtime/kernels/softmax.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

std::vector<double> reference(const std::vector<float>& in, Extent extent) {
  std::vector<double> out;
  for (Index i = 0; i < extent.rows; ++i) {
    const auto row = in.begin() + i * extent.columns;
    const auto largest = static_cast<double>(*std::max_element(row, row + extent.columns));
    double sum = 0;
    for (Index j = 0; j < extent.columns; ++j)
      sum += std::exp(static_cast<double>(row[j]) - largest);
    for (Index j = 0; j < extent.columns; ++j) {
      out.push_back(std::exp(static_cast<double>(row[j]) - largest) / sum);
    }
  }
  return out;
}

std::vector<float> softmax_of(const std::vector<float>& in, Extent extent) {
  std::vector<float> out(in.size());
  softmax({in.data(), extent}, out.data());
  return out;
}

}  // namespace

TEST_CASE("softmax agrees with double precision and writes nothing else") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Case c = any_case();
      const float deviation = *rc::gen::element(0.0f, 1e-3f, 1.0f, 10.0f, 1e4f);
      const auto data = Random(c.seed).normal(c.rows * c.columns, deviation);
      Guarded in(data, c.shift);
      Guarded out(c.rows * c.columns, 15 - c.shift);
      softmax({in.data(), {c.rows, c.columns}}, out.data());
      const auto expected = reference(data, {c.rows, c.columns});
      RC_ASSERT(difference(out.values(), expected, 1e-5, 1e-37) == "");
      RC_ASSERT(out.intact());
      softmax({in.data(), {c.rows, c.columns}}, in.data());
      RC_ASSERT(same_bits(in.values(), out.values()));
      RC_ASSERT(in.intact());
    }));
  });
}

TEST_CASE("softmax of many rows: right, and the same at any thread count") {
  for (const Extent extent : {Extent{4096, 57}, Extent{7, 50'001}}) {
    const auto in = Random(5).normal(extent.size(), 3);
    CHECK(difference(softmax_of(in, extent), reference(in, extent), 1e-5) == "");
    CHECK(same_at_any_thread_count([&] { return softmax_of(in, extent); }));
  }
}

TEST_CASE("softmax hides no NaN and no +inf, wherever in the row, and spoils no other row") {
  for_each_target([] {
    for (const float bad : {kNan, -kNan, kInfinity}) {
      for (Index at = 0; at < 57; ++at) {
        auto in = Random(1).normal(3 * 57);
        in[static_cast<std::size_t>(57 + at)] = bad;
        const auto out = softmax_of(in, {3, 57});
        for (std::size_t i = 0; i < out.size(); ++i) {
          REQUIRE(std::isnan(out[i]) == (i >= 57 && i < 114));
        }
      }
    }
  });
}

TEST_CASE("softmax gives -inf beside finite values probability 0, and a row of -inf only NaN") {
  const auto out = softmax_of({0, -kInfinity, 0, -kInfinity, -kInfinity, -kInfinity}, {2, 3});
  CHECK(std::vector<float>(out.begin(), out.begin() + 3) == std::vector<float>{0.5f, 0, 0.5f});
  for (std::size_t i = 3; i < 6; ++i) CHECK(std::isnan(out[i]));
}

}  // namespace coil::kernels::test
