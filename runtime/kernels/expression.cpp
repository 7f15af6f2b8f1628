#include "runtime/kernels/expression.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/expression.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/functions-inl.hpp"
#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/rounding-inl.hpp"
#include "runtime/kernels/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

void apply(Function function, const float* left, const float* right, float* to, std::int64_t size) {
  switch (function) {
    case Function::copy:
      return map(left, to, size, Copy());
    case Function::negate:
      return map(left, to, size, Negate());
    case Function::exp:
      return map(left, to, size, Exp());
    case Function::log:
      return map(left, to, size, Log());
    case Function::relu:
      return map(left, to, size, Relu());
    case Function::tanh:
      return map(left, to, size, Tanh());
    case Function::sigmoid:
      return map(left, to, size, Sigmoid());
    case Function::hard_sigmoid:
      return map(left, to, size, HardSigmoid());
    case Function::add:
      return map(left, right, to, size, Add());
    case Function::subtract:
      return map(left, right, to, size, Subtract());
    case Function::multiply:
      return map(left, right, to, size, Multiply());
    case Function::divide:
      return map(left, right, to, size, Divide());
    case Function::relu_gradient:
      return map(left, right, to, size, ReluGradient());
    case Function::tanh_gradient:
      return map(left, right, to, size, TanhGradient());
    case Function::sigmoid_gradient:
      return map(left, right, to, size, SigmoidGradient());
    case Function::hard_sigmoid_gradient:
      return map(left, right, to, size, HardSigmoidGradient());
    case Function::round_to_bf16:
      break;  // gives no floats
  }
}

// The units [begin, end): a unit is a block of one row.
void evaluate_units(const Expression& e, float* scratch, std::int64_t begin, std::int64_t end) {
  const std::int64_t units = (e.extent.columns + block_size - 1) / block_size;
  for (const Number& number : e.numbers)
    std::fill_n(scratch + number.block * block_size, std::min(block_size, e.extent.columns),
                *number.value);
  for (std::int64_t unit = begin; unit < end; ++unit) {
    const std::int64_t row = unit / units, column = unit % units * block_size;
    const std::int64_t size = std::min(block_size, e.extent.columns - column);
    const auto at = [&](const Place& place) {
      if (!place.data) return scratch + place.block * block_size;
      const std::int64_t at_row = place.rows ? place.rows[row] : row;
      return place.data + at_row * place.stride + column;
    };
    for (const Instruction& i : e.instructions)
      if (i.function == Function::round_to_bf16)
        round_range(at(i.left), i.to.rounded + row * i.to.stride + column, size);
      else
        apply(i.function, at(i.left), at(i.right), at(i.to), size);
  }
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kThreshold = 98304;  // instructions times elements: 10 us at 0.1 ns

HWY_EXPORT(evaluate_units);

}  // namespace

std::int64_t scratch_size(const Expression& expression, int threads) {
  return threads * expression.blocks * block_size;
}

void evaluate(const Expression& expression, float* scratch) {
  const auto units_of = HWY_DYNAMIC_DISPATCH(evaluate_units);
  const Extent extent = expression.extent;
  const std::int64_t units = extent.rows * ((extent.columns + block_size - 1) / block_size);
  const std::int64_t own = expression.blocks * block_size;
  const std::int64_t elements = extent.size() * std::ssize(expression.instructions);
  // A thread that works alone may have a number in a team of its caller's.
  const bool has_team = worth_threads(elements, kThreshold);
  split(elements, kThreshold, {.count = units}, [&](std::int64_t begin, std::int64_t end) {
    units_of(expression, scratch + (has_team ? omp_get_thread_num() : 0) * own, begin, end);
  });
}

}  // namespace coil::kernels
#endif
