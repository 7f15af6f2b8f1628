#pragma once

// Lowering: each scheduled node of a plan becomes a step that runs a oneDNN primitive or a kernel of ours
// on fixed addresses. Everything is created here; running a step allocates nothing.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/passes/precision.hpp"
#include "compiler/plan/plan.hpp"

#include "runtime/onednn/aligned_buffer.hpp"
#include "runtime/onednn/packed_weights.hpp"

namespace coil::onednn {

struct Step {
  NodeId node = 0;
  std::string what;            // "[512x42] @ [42x256] + bias, relu"
  std::string implementation;  // "brgemm:avx512_core", or "coil:gather_rows"
  std::function<void()> run;
  // What the graph asks to compute in, and what is computed in: where they differ, the machine or the shape does not
  // allow the former.
  std::string_view requested_type = "f32";
  std::string_view actual_type = "f32";
};

struct Lowered {
  std::vector<Step> steps;
  std::size_t once = 0;  // so many steps, at the front, need only run after weights have changed
  std::vector<AlignedBuffer> buffers;  // what steps need beside the arena
  std::shared_ptr<const bool> broke_weights;  // whether the last run wrote a weight that is not finite
};

// Where a plan's values lie.
struct Addresses {
  const Plan& plan;
  std::byte* arena = nullptr;
  std::vector<float*> leaves;          // by node: weights and states, else null
  std::vector<std::byte*> given = {};  // of Plan::given

  void* at(const Slot& slot) const;
  float* reals(Value value) const { return static_cast<float*>(at(plan.slot(value))); }
  std::uint16_t* rounded(Value value) const {
    return static_cast<std::uint16_t*>(at(plan.slot(value)));
  }
  std::int8_t* small(Value value) const { return static_cast<std::int8_t*>(at(plan.slot(value))); }
  std::int32_t* indices(Value value) const {
    return static_cast<std::int32_t*>(at(plan.slot(value)));
  }
};

// Weights that the plan does not update are packed through `packed`; the steps that run once read them as they are.
// Products are in the precision that their operands have. A recurrence that is not rounded takes reals in every
// precision, so that only `asked` tells in which the products inside it were wanted.
Lowered lower(const Addresses& addresses, PackedWeights& packed, Precision asked);

}  // namespace coil::onednn
