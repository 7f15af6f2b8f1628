#include "runtime/kernels/binary.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/binary.cpp"
#include <hwy/foreach_target.h>

#include "runtime/kernels/functions-inl.hpp"
#include "runtime/kernels/parallel.hpp"
#include "runtime/kernels/vectors-inl.hpp"

#ifndef COIL_RUNTIME_KERNELS_BINARY_OPERANDS
#define COIL_RUNTIME_KERNELS_BINARY_OPERANDS
namespace coil::kernels {

struct BinaryOperands {
  Binary op;
  Broadcast form;
  const float* left;
  const float* right;
  float* out;
  std::int64_t columns;
};

}  // namespace coil::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace coil::kernels::HWY_NAMESPACE {
namespace {

template <class Op>
struct WithRight {
  FloatVector right;
  HWY_INLINE FloatVector operator()(FloatVector a) const { return Op()(a, right); }
};
template <class Op>
struct WithLeft {
  FloatVector left;
  HWY_INLINE FloatVector operator()(FloatVector b) const { return Op()(left, b); }
};

// The items [begin, end): rows for right_row, elements otherwise.
template <class Op>
void apply(const BinaryOperands& x, std::int64_t begin, std::int64_t end) {
  const std::int64_t size = end - begin;
  switch (x.form) {
    case Broadcast::none:
      return map(x.left + begin, x.right + begin, x.out + begin, size, Op());
    case Broadcast::right_scalar:
      return map(x.left + begin, x.out + begin, size, WithRight<Op>{hn::Set(FloatTag(), *x.right)});
    case Broadcast::left_scalar:
      return map(x.right + begin, x.out + begin, size, WithLeft<Op>{hn::Set(FloatTag(), *x.left)});
    case Broadcast::right_row:
      for (std::int64_t row = begin; row < end; ++row) {
        const std::int64_t at = row * x.columns;
        map(x.left + at, x.right, x.out + at, x.columns, Op());
      }
  }
}

void binary_range(const BinaryOperands& x, std::int64_t begin, std::int64_t end) {
  switch (x.op) {
    case Binary::add:
      return apply<Add>(x, begin, end);
    case Binary::subtract:
      return apply<Subtract>(x, begin, end);
    case Binary::multiply:
      return apply<Multiply>(x, begin, end);
    case Binary::divide:
      return apply<Divide>(x, begin, end);
  }
}

}  // namespace
}  // namespace coil::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace coil::kernels {
namespace {

constexpr std::int64_t kBinaryThreshold = 131072;  // 11 us at 0.08 ns an element
constexpr std::int64_t kCacheLine = 16;            // floats

HWY_EXPORT(binary_range);

}  // namespace

void binary(Binary op, Broadcast form, const float* left, const float* right, float* out,
            Extent extent) {
  const auto range = HWY_DYNAMIC_DISPATCH(binary_range);
  const BinaryOperands operands{op, form, left, right, out, extent.columns};
  const Items items = form == Broadcast::right_row
                          ? Items{.count = extent.rows}
                          : Items{.count = extent.size(), .multiple = kCacheLine};
  split(extent.size(), kBinaryThreshold, items,
        [&](std::int64_t begin, std::int64_t end) { range(operands, begin, end); });
}

}  // namespace coil::kernels
#endif
