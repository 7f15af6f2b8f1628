#include "runtime/kernels/sgd.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/sgd.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/update_all.hpp"
#include "runtime/kernels/vectors-inl.hpp"

#ifndef COIL_RUNTIME_KERNELS_SGD_FACTORS
#define COIL_RUNTIME_KERNELS_SGD_FACTORS
namespace coil::kernels {

struct SgdFactors {
  float rate;
  float momentum;
  float gradient_scale;
  float shrink;  // the share that decay takes from a weight
};

}  // namespace coil::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

HWY_INLINE void sgd_step(const SgdFactors& factors, FloatVector gradient, FloatVector& weight,
                         FloatVector& velocity) {
  const FloatTag tag;
  const FloatVector scaled = hn::Mul(hn::Set(tag, factors.gradient_scale), gradient);
  velocity = hn::MulAdd(hn::Set(tag, factors.momentum), velocity, scaled);
  const FloatVector decayed = hn::NegMulAdd(hn::Set(tag, factors.shrink), weight, weight);
  weight = hn::NegMulAdd(hn::Set(tag, factors.rate), velocity, decayed);
}

// The elements [first, first + count) of one tensor; whether their weights are finite afterwards.
bool sgd_piece(const SgdFactors& factors, const SgdTensor& tensor, std::int64_t first,
               std::int64_t count) {
  const FloatTag tag;
  FiniteCheck check;
  std::int64_t i = first;
  const std::int64_t end = first + count;
  for (; i + lanes() <= end; i += lanes()) {
    FloatVector weight = hn::LoadU(tag, tensor.weight + i);
    FloatVector velocity = hn::LoadU(tag, tensor.velocity + i);
    sgd_step(factors, hn::LoadU(tag, tensor.gradient + i), weight, velocity);
    check.see(weight);
    hn::StoreU(weight, tag, tensor.weight + i);
    hn::StoreU(velocity, tag, tensor.velocity + i);
  }
  const std::int64_t rest = end - i;
  if (rest == 0) return check.all_finite();
  FloatVector weight = load_first(tensor.weight + i, rest);
  FloatVector velocity = load_first(tensor.velocity + i, rest);
  sgd_step(factors, load_first(tensor.gradient + i, rest), weight, velocity);
  check.see(weight);
  store_first(weight, tensor.weight + i, rest);
  store_first(velocity, tensor.velocity + i, rest);
  return check.all_finite();
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kSgdThreshold =
    65536;  // its memory traffic is half of adam's, and no division

HWY_EXPORT(sgd_piece);

}  // namespace

bool sgd(const SgdParameters& parameters, std::span<const SgdTensor> tensors) {
  const SgdFactors factors{
      .rate = static_cast<float>(parameters.learning_rate),
      .momentum = static_cast<float>(parameters.momentum),
      .gradient_scale = static_cast<float>(parameters.gradient_scale),
      .shrink = static_cast<float>(parameters.learning_rate * parameters.decay)};
  const auto piece = HWY_DYNAMIC_DISPATCH(sgd_piece);
  return update_all(tensors, kSgdThreshold,
                    [&](const SgdTensor& tensor, std::int64_t first, std::int64_t count) {
                      return piece(factors, tensor, first, count);
                    });
}

}  // namespace coil::kernels
#endif
