#include "runtime/onednn/lower.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "compiler/graph/staying.hpp"
#include "compiler/source/internal_error.hpp"

#include "runtime/onednn/lowering.hpp"

namespace coil::onednn {
namespace {

// A product, plain or fused; nothing where the node is none.
std::optional<FusedMatmulAttributes> as_product(const Node& node) {
  if (const auto* fused = std::get_if<FusedMatmulAttributes>(&node.attributes)) return *fused;
  const auto* plain = std::get_if<MatmulAttributes>(&node.attributes);
  if (!plain) return std::nullopt;
  FusedMatmulAttributes product;
  product.transpose_a = plain->transpose_a;
  product.transpose_b = plain->transpose_b;
  return product;
}

// One case an op, and no default: a new op without a lowering does not compile.
Step lower_node(const NodeView& view, Workshop& shop) {
  switch (view.node().op) {
    case Op::input:
    case Op::weight:
    case Op::state:
    case Op::constant:
      break;
    case Op::to_bf16:
      return lower_to_bf16(view, shop);
    case Op::to_int8:
      return lower_to_int8(view);
    case Op::column_scales:
      return lower_column_scales(view);
    case Op::to_int8_columns:
      return lower_to_int8_columns(view);
    case Op::gather:
      return lower_gather(view);
    case Op::scatter_add:
      return lower_scatter_add(view);
    case Op::matmul:
    case Op::fused_matmul:
      return lower_matmul(view, *as_product(view.node()), shop);
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::div:
      return lower_binary(view, shop);
    case Op::neg:
    case Op::exp:
    case Op::log:
    case Op::relu:
    case Op::tanh:
    case Op::sigmoid:
    case Op::hard_sigmoid:
      return lower_unary(view);
    case Op::fused_elementwise:
      return lower_expression(view, shop);
    case Op::relu_grad:
    case Op::tanh_grad:
    case Op::sigmoid_grad:
    case Op::hard_sigmoid_grad:
      return lower_activation_gradient(view);
    case Op::softmax:
      return lower_softmax(view);
    case Op::softmax_grad:
      return lower_softmax_grad(view, shop);
    case Op::sum_to:
      return lower_sum_to(view);
    case Op::broadcast_to:
      return lower_broadcast_to(view);
    case Op::dropout:
      return lower_dropout(view);
    case Op::slice:
      return lower_slice(view);
    case Op::concat:
      return lower_concat(view);
    case Op::scan:
      throw InternalError("a scan is unrolled before it is planned");
    case Op::recurrent:
      return lower_recurrent(view, shop);
    case Op::recurrent_grad:
      return lower_recurrent_grad(view, shop);
    case Op::cross_entropy:
      return lower_cross_entropy(view, shop);
    case Op::global_norm:
      return lower_global_norm(view);
    case Op::adam:
      return lower_adam(view, shop);
    case Op::sgd:
      return lower_sgd(view, shop);
  }
  throw InternalError("a leaf is not scheduled");
}

Step lower_copy(const Addresses& addresses, const Copy& copy) {
  void* to = addresses.at(copy.to);
  const void* from = addresses.at(copy.from);
  const std::size_t bytes = copy.from.bytes;
  return kernel_step(fmt::format("{} bytes", bytes), "copy", [=] { std::memcpy(to, from, bytes); });
}

// How often each value is the right side of a product, as it lies or transposed.
std::map<std::pair<Value, bool>, std::size_t> count_right_sides(const Graph& graph) {
  std::map<std::pair<Value, bool>, std::size_t> counts;
  for (const Node& node : graph.nodes())
    if (const auto product = as_product(node)) ++counts[{node.operands[1], product->transpose_b}];
  return counts;
}

std::set<Value> find_read_as_they_lie(const Graph& graph) {
  std::set<Value> found;
  const auto read = [&](Value value) {
    if (graph.type(value).element == Element::bf16) found.insert(value);
  };
  for (const Node& node : graph.nodes())
    for (std::size_t i = 0; i < node.operands.size(); ++i)
      if (i != 1 || !as_product(node)) read(node.operands[i]);
  for (const Output& output : graph.outputs) read(output.value);
  return found;
}

void share_scratchpad(Workshop& shop) {
  std::size_t largest = 0;
  for (const memory& scratchpad : shop.scratchpads)
    largest = std::max(largest, bytes_of(scratchpad.get_desc()));
  shop.buffers.emplace_back(largest);
  for (memory& scratchpad : shop.scratchpads)
    scratchpad.set_data_handle(shop.buffers.back().data());
}

}  // namespace

void* Addresses::at(const Slot& slot) const {
  if (slot.storage == Storage::arena) return arena + slot.offset;
  if (slot.storage == Storage::given) return given.at(slot.offset);
  require(leaves[slot.leaf] != nullptr, "'{}' has no memory",
          leaf_name(plan.graph.node(slot.leaf)));
  return leaves[slot.leaf];
}

Lowered lower(const Addresses& addresses, PackedWeights& packed, Precision asked) {
  const Plan& plan = addresses.plan;
  Workshop shop{addresses,
                packed,
                asked,
                find_staying(plan.graph),
                count_right_sides(plan.graph),
                find_read_as_they_lie(plan.graph)};
  Lowered lowered;
  for (std::size_t i = 0; i < plan.schedule.size(); ++i) {
    const NodeId id = plan.schedule[i];
    Step step = lower_node({plan, addresses, id}, shop);
    step.node = id;
    auto& steps = i < plan.fixed ? shop.once : lowered.steps;
    std::ranges::move(shop.before, std::back_inserter(steps));
    shop.before.clear();
    steps.push_back(std::move(step));
  }
  lowered.once = shop.once.size();
  lowered.broke_weights = shop.broke_weights;
  lowered.steps.insert(lowered.steps.begin(), std::move_iterator(shop.once.begin()),
                       std::move_iterator(shop.once.end()));
  for (const Copy& copy : plan.copies) {
    lowered.steps.push_back(lower_copy(addresses, copy));
    lowered.steps.back().node = copy.value.node;
  }
  share_scratchpad(shop);
  lowered.buffers = std::move(shop.buffers);
  return lowered;
}

}  // namespace coil::onednn
