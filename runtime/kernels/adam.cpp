#include "runtime/kernels/adam.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/adam.cpp"
#include <cmath>
#include <hwy/foreach_target.h>

#include "compiler/source/internal_error.hpp"

#include "runtime/kernels/update_all.hpp"
#include "runtime/kernels/vectors-inl.hpp"

#ifndef COIL_RUNTIME_KERNELS_ADAM_FACTORS
#define COIL_RUNTIME_KERNELS_ADAM_FACTORS
namespace coil::kernels {

// A step's constants: `keep` is beta, `take` is 1 - beta.
struct AdamFactors {
  float rate;
  float keep_mean;
  float take_mean;
  float keep_variance;
  float take_variance;
  float epsilon;
  float gradient_scale;
  float shrink;  // the share that decay takes from a weight
};

}  // namespace coil::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

class AdamStep {
 public:
  explicit HWY_INLINE AdamStep(const AdamFactors& factors)
      : rate_(set(factors.rate)),
        keep_mean_(set(factors.keep_mean)),
        take_mean_(set(factors.take_mean)),
        keep_variance_(set(factors.keep_variance)),
        take_variance_(set(factors.take_variance)),
        epsilon_(set(factors.epsilon)),
        gradient_scale_(set(factors.gradient_scale)),
        shrink_(set(factors.shrink)) {}

  HWY_INLINE void operator()(FloatVector raw_gradient, FloatVector& weight, FloatVector& mean,
                             FloatVector& variance) const {
    const FloatVector gradient = hn::Mul(gradient_scale_, raw_gradient);
    mean = hn::MulAdd(keep_mean_, mean, hn::Mul(take_mean_, gradient));
    const FloatVector square = hn::Mul(gradient, gradient);
    variance = hn::MulAdd(keep_variance_, variance, hn::Mul(take_variance_, square));
    const FloatVector divisor = hn::Add(hn::Sqrt(variance), epsilon_);
    const FloatVector decayed = hn::NegMulAdd(shrink_, weight, weight);
    weight = hn::Sub(decayed, hn::Div(hn::Mul(rate_, mean), divisor));
  }

 private:
  static HWY_INLINE FloatVector set(float value) { return hn::Set(FloatTag(), value); }

  FloatVector rate_;
  FloatVector keep_mean_;
  FloatVector take_mean_;
  FloatVector keep_variance_;
  FloatVector take_variance_;
  FloatVector epsilon_;
  FloatVector gradient_scale_;
  FloatVector shrink_;
};

// The elements [first, first + count) of one tensor; whether their weights are finite afterwards.
bool adam_piece(const AdamFactors& factors, const AdamTensor& tensor, std::int64_t first,
                std::int64_t count) {
  const FloatTag tag;
  const AdamStep step(factors);
  FiniteCheck check;
  std::int64_t i = first;
  for (const std::int64_t end = first + count; i < end; i += lanes()) {
    const std::int64_t rest = end - i;
    if (rest < lanes()) {
      FloatVector weight = load_first(tensor.weight + i, rest);
      FloatVector mean = load_first(tensor.mean + i, rest);
      FloatVector variance = load_first(tensor.variance + i, rest);
      step(load_first(tensor.gradient + i, rest), weight, mean, variance);
      check.see(weight);
      store_first(weight, tensor.weight + i, rest);
      store_first(mean, tensor.mean + i, rest);
      store_first(variance, tensor.variance + i, rest);
      break;
    }
    FloatVector weight = hn::LoadU(tag, tensor.weight + i);
    FloatVector mean = hn::LoadU(tag, tensor.mean + i);
    FloatVector variance = hn::LoadU(tag, tensor.variance + i);
    step(hn::LoadU(tag, tensor.gradient + i), weight, mean, variance);
    check.see(weight);
    hn::StoreU(weight, tag, tensor.weight + i);
    hn::StoreU(mean, tag, tensor.mean + i);
    hn::StoreU(variance, tag, tensor.variance + i);
  }
  return check.all_finite();
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kAdamThreshold = 32768;  // 12 us at 0.37 ns an element

HWY_EXPORT(adam_piece);

AdamFactors factors_of(const AdamParameters& parameters, std::int64_t step) {
  const auto t = static_cast<double>(step);
  const double rate = parameters.learning_rate * std::sqrt(1.0 - std::pow(parameters.beta2, t)) /
                      (1.0 - std::pow(parameters.beta1, t));
  return {.rate = static_cast<float>(rate),
          .keep_mean = static_cast<float>(parameters.beta1),
          .take_mean = static_cast<float>(1.0 - parameters.beta1),
          .keep_variance = static_cast<float>(parameters.beta2),
          .take_variance = static_cast<float>(1.0 - parameters.beta2),
          .epsilon = static_cast<float>(parameters.epsilon),
          .gradient_scale = static_cast<float>(parameters.gradient_scale),
          .shrink = static_cast<float>(parameters.learning_rate * parameters.decay)};
}

}  // namespace

bool adam(const AdamParameters& parameters, std::int64_t step,
          std::span<const AdamTensor> tensors) {
  require(step >= 1, "Adam counts its steps from 1 and was given step {}", step);
  const AdamFactors factors = factors_of(parameters, step);
  const auto piece = HWY_DYNAMIC_DISPATCH(adam_piece);
  return update_all(tensors, kAdamThreshold,
                    [&](const AdamTensor& tensor, std::int64_t first, std::int64_t count) {
                      return piece(factors, tensor, first, count);
                    });
}

}  // namespace coil::kernels
#endif
