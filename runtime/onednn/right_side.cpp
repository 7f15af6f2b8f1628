#include "runtime/onednn/right_side.hpp"

#include "runtime/kernels/lay_rows.hpp"
#include "runtime/kernels/transpose.hpp"

namespace coil::onednn {
namespace {

bool is_staying_weight(const RightSide& right, const Workshop& shop) {
  const NodeId id = right.value.node;
  return shop.addresses.plan.graph.node(id).op == Op::weight && shop.stays[id];
}

std::size_t uses(const RightSide& right, const Workshop& shop) {
  return shop.right_sides.at({right.value, right.transposed});
}

// [n x k] from [k x n].
float* transposed_copy(const RightSide& right, Workshop& shop) {
  const kernels::Extent extent{right.k, right.n};
  float* copy = shop.new_reals(right.k * right.n);
  shop.add_step(right.value, kernel_step(text_of(extent), "transpose", [=, from = right.data] {
                  kernels::transpose(from, copy, extent);
                }));
  return copy;
}

// From how many uses in a run on a copy costs less than what the uses save: for [512 x 2048] in 64 rows, with two
// threads, a use saves 145 us and the copy costs 70; where it turns, 75 and 230.
constexpr std::size_t least_uses = 2, least_uses_turned = 4;

// In blocks of 64 columns; where products want it both ways, from one reading.
memory in_blocks_copy(const RightSide& right, const memory::desc& best, Workshop& shop) {
  const auto [known, is_new] = shop.blocks.try_emplace(right.value);
  if (is_new) {
    known->second = std::make_shared<BlockFaces>();
    const kernels::Extent extent =
        right.transposed ? kernels::Extent{right.n, right.k} : kernels::Extent{right.k, right.n};
    shop.add_step(
        right.value,
        kernel_step(text_of(extent), "lay_rows", [=, from = right.data, to = known->second] {
          kernels::lay_both(from, to->in_blocks, to->turned_in_blocks, extent);
        }));
  }
  float*& copy = right.transposed ? known->second->turned_in_blocks : known->second->in_blocks;
  if (!copy) {
    shop.buffers.emplace_back(bytes_of(best));
    copy = static_cast<float*>(shop.buffers.back().data());
  }
  return {best, engine(), copy};
}

bool is_worth_a_copy(const RightSide& right, const Workshop& shop) {
  if (shop.stays[right.value.node]) return true;
  return uses(right, shop) >= (right.transposed ? least_uses_turned : least_uses);
}

}  // namespace

float* turned(const RightSide& right, Workshop& shop) {
  if (is_staying_weight(right, shop)) {
    const memory copy =
        shop.packed.get(right.data, right.as_it_lies(), onednn::transposed(right.k, right.n));
    return static_cast<float*>(copy.get_data_handle());
  }
  if (!shop.stays[right.value.node] && uses(right, shop) < least_uses) return nullptr;
  const auto [known, is_new] = shop.turned.try_emplace(right.value, nullptr);
  if (is_new) known->second = transposed_copy(right, shop);
  return known->second;
}

memory laid_out(const RightSide& right, const memory::desc& best, Workshop& shop) {
  const memory::desc lies = right.as_it_lies();
  if (!is_worth_a_copy(right, shop)) return {lies, engine(), right.data};
  if (best == in_blocks(right.k, right.n) && !is_staying_weight(right, shop))
    return in_blocks_copy(right, best, shop);
  return in_layout({right.value, best}, lies, right.data, text_of({right.k, right.n}), shop);
}

}  // namespace coil::onednn
