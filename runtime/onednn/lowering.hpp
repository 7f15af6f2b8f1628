#pragma once

// What the files of the lowering share: one node being lowered.

#include <cstring>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "compiler/graph/op_record.hpp"

#include "runtime/kernels/bf16.hpp"
#include "runtime/kernels/matrix.hpp"
#include "runtime/onednn/lower.hpp"

namespace coil::onednn {

// Where a recurrence leaves h of every step and the last one, in the type that it is computed in.
struct RecurrentResults {
  void *sequence, *last_h;
};

// What a recurrence's gradient needs of its forward run, by parts of the batch.
struct RecurrentTrace {
  dnnl::primitive_desc backward;
  memory workspace;
  RecurrentResults results;
};

// In which layouts a value that was rounded is wanted: known when all that reads it is lowered, and made where it is
// rounded. Reals are read once for all of them.
struct RoundedFaces {
  bool as_it_lies = false;
  kernels::Bf16 *in_pairs = nullptr, *turned_in_pairs = nullptr;  // kernels/pair_rows.hpp
};

// The same of a right side of reals, which is laid out before the first product that reads it.
struct BlockFaces {
  float *in_blocks = nullptr, *turned_in_blocks = nullptr;  // kernels/lay_rows.hpp
};

// Collects what lowering makes.
struct Workshop {
  const Addresses& addresses;
  PackedWeights& packed;
  Precision asked;  // what recurrences were to be computed in
  // By node: whether it gives the same in every run.
  std::vector<bool> stays;
  // How often each value is the right side of a product, as it lies or transposed.
  std::map<std::pair<Value, bool>, std::size_t> right_sides;
  // Values of bf16 that are read otherwise too.
  std::set<Value> read_as_they_lie;
  // Whether the optimizer wrote a weight that is not finite.
  std::shared_ptr<bool> broke_weights = std::make_shared<bool>(false);
  // Of all primitives; one buffer of the largest size serves them.
  std::vector<memory> scratchpads = {};
  std::vector<AlignedBuffer> buffers = {};
  // Steps that need not run again while weights stay as they are, and those that have to run before the one being
  // lowered.
  std::vector<Step> once = {}, before = {};
  // Values that lie transposed as well; of bf16 and int8, those that lie as reals, and those in pairs of rows.
  std::map<Value, float*> turned = {}, widened = {};
  std::map<std::pair<Value, bool>, void*> paired = {};
  // Of what to_bf16 gives.
  std::map<Value, std::shared_ptr<RoundedFaces>> faces = {};
  std::map<Value, std::shared_ptr<BlockFaces>> blocks = {};
  // Values that lie in a layout of oneDNN's as well: how they lay, and the copy (in_layout).
  std::vector<std::tuple<Value, memory::desc, memory>> laid_out = {};
  // By the node that ran forwards.
  std::map<NodeId, std::vector<RecurrentTrace>> traces = {};

  // A memory for the scratchpad that `descriptor` asks for; its address is set when all are known.
  memory scratchpad(const memory::desc& descriptor) {
    scratchpads.push_back(memory(descriptor, engine(), DNNL_MEMORY_NONE));
    return scratchpads.back();
  }
  // One that no other primitive uses, for those that run at the same time.
  memory own_scratchpad(const memory::desc& descriptor) {
    buffers.emplace_back(bytes_of(descriptor));
    return memory(descriptor, engine(), buffers.back().data());
  }
  // What makes of a value another face of it: with the steps that run once where the value stays, else before the node
  // that is being lowered.
  void add_step(Value of, Step step) {
    step.node = of.node;
    (stays[of.node] ? once : before).push_back(std::move(step));
  }
  float* new_reals(std::int64_t count) {
    buffers.emplace_back(static_cast<std::size_t>(count) * sizeof(float));
    return static_cast<float*>(buffers.back().data());
  }
};

// A value, and how it is to lie.
struct LaidOut {
  Value value;
  memory::desc to;
};

// The value, which lies at `data` as `from` says, in another layout: a weight that no run changes is copied once for all
// programs, what is computed of such weights once for this one, anything else in each run. `what` names the copying.
memory in_layout(const LaidOut& wanted, const memory::desc& from, void* data, std::string what,
                 Workshop& shop);

struct NodeView {
  const Plan& plan;
  const Addresses& addresses;
  NodeId id;

  const Node& node() const { return plan.graph.node(id); }
  Value operand(std::size_t i) const { return node().operands[i]; }
  const Shape& shape(std::size_t i) const { return plan.graph.type(operand(i)).shape; }
  const Shape& result_shape(std::size_t i = 0) const { return node().types[i].shape; }
  float* in(std::size_t i) const { return addresses.reals(operand(i)); }
  kernels::Bf16* rounded_in(std::size_t i) const { return addresses.rounded(operand(i)); }
  std::int8_t* small_in(std::size_t i) const { return addresses.small(operand(i)); }
  std::int32_t* index(std::size_t i) const { return addresses.indices(operand(i)); }
  float* out(std::uint32_t i = 0) const { return addresses.reals({id, i}); }
  std::int64_t size(const Shape& shape) const { return count(shape, plan.batch); }
  // A value as rows of its last dimension.
  kernels::Extent extent(const Shape& of) const {
    const std::int64_t columns = of.is_scalar() ? 1 : concrete_dims(of, plan.batch).back();
    return {size(of) / columns, columns};
  }
};

// One function a family; each gives the step but for its node.
Step lower_matmul(const NodeView& view, const FusedMatmulAttributes& product, Workshop& shop);
Step lower_to_bf16(const NodeView& view, Workshop& shop);
Step lower_to_int8(const NodeView& view);
Step lower_column_scales(const NodeView& view);
Step lower_to_int8_columns(const NodeView& view);
Step lower_gather(const NodeView& view);
Step lower_scatter_add(const NodeView& view);
Step lower_unary(const NodeView& view);
Step lower_binary(const NodeView& view, Workshop& shop);
Step lower_activation_gradient(const NodeView& view);
Step lower_expression(const NodeView& view, Workshop& shop);
Step lower_softmax(const NodeView& view);
Step lower_softmax_grad(const NodeView& view, Workshop& shop);
Step lower_sum_to(const NodeView& view);
Step lower_broadcast_to(const NodeView& view);
Step lower_dropout(const NodeView& view);
Step lower_slice(const NodeView& view);
Step lower_concat(const NodeView& view);
Step lower_recurrent(const NodeView& view, Workshop& shop);
Step lower_recurrent_grad(const NodeView& view, Workshop& shop);
Step lower_cross_entropy(const NodeView& view, Workshop& shop);
Step lower_global_norm(const NodeView& view);
Step lower_adam(const NodeView& view, const Workshop& shop);
Step lower_sgd(const NodeView& view, const Workshop& shop);

inline Step kernel_step(std::string what, std::string_view kernel, std::function<void()> run) {
  return {0, std::move(what), fmt::format("coil:{}", kernel), std::move(run)};
}

inline std::string text_of(kernels::Extent extent) {
  return fmt::format("[{}x{}]", extent.rows, extent.columns);
}

// Copies where the planner could not put the result into the operand's place.
inline void move_to(float* to, const float* from, std::int64_t count) {
  if (to != from) std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
}

}  // namespace coil::onednn
