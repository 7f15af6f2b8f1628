#include "runtime/kernels/activation_gradient.hpp"

#include "tests/kernels/support.hpp"

namespace coil::kernels::test {
namespace {

constexpr Activation kAll[] = {Activation::relu, Activation::tanh, Activation::sigmoid,
                               Activation::hard_sigmoid};

double exact(Activation activation, double dy, double y) {
  switch (activation) {
    case Activation::relu:
      return y > 0 ? dy : 0;
    case Activation::tanh:
      return dy * (1 - y * y);
    case Activation::sigmoid:
      return dy * y * (1 - y);
    case Activation::hard_sigmoid:
      return y > 0 && y < 1 ? 0.2 * dy : 0;
  }
  return 0;
}

// Outputs as the activations give them, their ends included.
std::vector<float> outputs(Random& random, Index size) {
  auto y = random.uniform(size, -1, 1);
  for (std::size_t i = 0; i < y.size(); i += 5) y[i] = static_cast<float>(i % 3) - 1.0f;
  return y;
}

float gradient_at(Activation activation, float dy, float y) {
  float dx = 0;
  activation_gradient(activation, &dy, &y, &dx, 1);
  return dx;
}

}  // namespace

TEST_CASE("activation gradients agree with double precision and write nothing else") {
  for_each_target([] {
    CHECK(rc::check([] {
      const Case c = any_case();
      const Index size = c.rows * c.columns;
      Random random(c.seed);
      const auto dy_values = random.uniform(size, -1, 1);
      const auto y_values = outputs(random, size);
      for (const Activation activation : kAll) {
        std::vector<double> expected;
        for (std::size_t i = 0; i < dy_values.size(); ++i) {
          expected.push_back(exact(activation, static_cast<double>(dy_values[i]),
                                   static_cast<double>(y_values[i])));
        }
        Guarded dy(dy_values, c.shift), y(y_values, 15 - c.shift), dx(size, c.shift / 2);
        activation_gradient(activation, dy.data(), y.data(), dx.data(), size);
        // 1 - y^2 loses up to one rounding of y^2 <= 1: 6e-8 of dy, which is at most 1 here.
        RC_ASSERT(difference(dx.values(), expected, 3e-7, 6e-8) == "");
        RC_ASSERT(dx.intact());

        const auto apart = dx.values();
        activation_gradient(activation, dy.data(), y.data(), dy.data(), size);
        RC_ASSERT(same_bits(dy.values(), apart) && dy.intact());
        std::copy(dy_values.begin(), dy_values.end(), dy.data());
        activation_gradient(activation, dy.data(), y.data(), y.data(), size);
        RC_ASSERT(same_bits(y.values(), apart) && y.intact());
      }
    }));
  });
}

TEST_CASE("activation gradients give the same at any thread count") {
  Random random(21);
  const auto dy = random.normal(300'001);
  const auto y = outputs(random, 300'001);
  for (const Activation activation : kAll) {
    CHECK(same_at_any_thread_count([&] {
      std::vector<float> dx(dy.size());
      activation_gradient(activation, dy.data(), y.data(), dx.data(), std::ssize(dy));
      return dx;
    }));
  }
}

TEST_CASE("activation gradients hide no NaN, even where the slope is zero") {
  for_each_target([] {
    for (const Activation activation : kAll) {
      for (const float y : {-1.0f, 0.0f, 0.5f, 1.0f}) {
        CHECK(std::isnan(gradient_at(activation, kNan, y)));
        CHECK(std::isnan(gradient_at(activation, y, kNan)));
      }
    }
  });
}

TEST_CASE("a closed relu or hard sigmoid stops an infinite gradient, an open one passes it") {
  for_each_target([] {
    CHECK(gradient_at(Activation::relu, kInfinity, 0) == 0);
    CHECK(gradient_at(Activation::relu, kInfinity, 1) == kInfinity);
    CHECK(gradient_at(Activation::relu, -kInfinity, kInfinity) == -kInfinity);
    CHECK(gradient_at(Activation::hard_sigmoid, kInfinity, 0) == 0);
    CHECK(gradient_at(Activation::hard_sigmoid, kInfinity, 1) == 0);
    CHECK(gradient_at(Activation::hard_sigmoid, kInfinity, 0.5f) == kInfinity);
  });
}

}  // namespace coil::kernels::test
