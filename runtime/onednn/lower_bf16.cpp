// Products of bf16, and what becomes bf16.

#include "runtime/kernels/pair_rows.hpp"
#include "runtime/onednn/product.hpp"

namespace coil::onednn {
namespace {

// The weight that the right side is the rounding of, where no run changes it.
std::optional<Value> staying_weight(const Product& product, const Workshop& shop) {
  const Graph& graph = product.view.plan.graph;
  const Node& right = graph.node(product.right().node);
  if (right.op != Op::to_bf16) return std::nullopt;
  const Value inner = right.operands[0];
  if (graph.node(inner.node).op != Op::weight || !shop.stays[inner.node]) return std::nullopt;
  return inner;
}

// From how many uses in a run on a copy costs less than what the uses save, with one thread: for [512 x 2048] in 64 rows
// a use saves a fifth of 440 us, and the copy costs 100, or 230 where it turns.
constexpr std::size_t least_uses_paired = 2, least_uses_turned_and_paired = 4;

// Fills `paired` where the right side is rounded; false where that is no step of its own.
bool is_paired_where_rounded(const Product& product, kernels::Bf16* paired, Workshop& shop) {
  const auto faces = shop.faces.find(product.right());
  if (faces == shop.faces.end()) return false;
  RoundedFaces& wanted = *faces->second;
  (product.how.transpose_b ? wanted.turned_in_pairs : wanted.in_pairs) = paired;
  return true;
}

// The right side in pairs of rows, where that is worth a copy: it stays, or several products of a run read it. A
// product lays it so by itself otherwise, each time.
void* paired_weights(const Product& product, Workshop& shop) {
  const std::pair<Value, bool> key{product.right(), product.how.transpose_b};
  const bool once = shop.stays[key.first.node];
  const std::size_t least = key.second ? least_uses_turned_and_paired : least_uses_paired;
  if (!once && shop.right_sides.at(key) < least) return nullptr;
  const auto known = shop.paired.find(key);
  if (known != shop.paired.end()) return known->second;
  const auto& [view, how, m, k, n] = product;
  shop.buffers.emplace_back(bytes_of(in_pairs(k, n)));
  auto* paired = static_cast<kernels::Bf16*>(shop.buffers.back().data());
  shop.paired.emplace(key, paired);
  if (is_paired_where_rounded(product, paired, shop)) return paired;
  const kernels::Extent extent{k, n};
  const kernels::Bf16* from = view.rounded_in(1);
  Step step = kernel_step(text_of(extent), "pair_rows", [=, transposed = how.transpose_b] {
    if (transposed)
      kernels::pair_columns(from, paired, extent);
    else
      kernels::pair_rows(from, paired, extent);
  });
  shop.add_step(key.first, std::move(step));
  return paired;
}

// The right side, in the layout that `description` then tells.
memory bf16_weights_of(const Product& product, MatmulDescription& description, Workshop& shop) {
  const auto as_it_lies = [&] {
    void* data = rounded_as_it_lies(product.view, 1, shop);
    return memory(description.weights, engine(), data);
  };
  if (is_summed_in_parts(product)) return as_it_lies();
  MatmulDescription with_any = description;
  with_any.weights = any_format(product.k, product.n, bf16);
  const memory::desc best = matmul_descriptor(with_any).weights_desc();
  if (best == description.weights) return as_it_lies();
  if (const auto weight = staying_weight(product, shop)) {
    description.weights = best;
    const memory::desc reals =
        product.how.transpose_b ? transposed(product.k, product.n) : plain(product.k, product.n);
    return shop.packed.get(shop.addresses.reals(*weight), reals, best);
  }
  if (best != in_pairs(product.k, product.n)) return as_it_lies();
  void* paired = paired_weights(product, shop);
  if (!paired) return as_it_lies();
  description.weights = best;
  return {best, engine(), paired};
}

}  // namespace

std::optional<Step> lower_bf16_matmul(const Product& product, Workshop& shop) {
  MatmulDescription description = description_of(product, bf16);
  if (!bf16_descriptor(description)) return std::nullopt;
  const Sides sides{bf16, product.view.rounded_in(0), bf16_weights_of(product, description, shop)};
  const auto descriptor = matmul_descriptor(description);
  Step step{0, product.text(), implementation(descriptor), {}, "bf16", "bf16"};
  step.run = run_by(descriptor, product, sides, shop);
  return step;
}

Step lower_to_bf16(const NodeView& view, Workshop& shop) {
  const Value value{view.id, 0};
  const auto faces = std::make_shared<RoundedFaces>();
  faces->as_it_lies = shop.read_as_they_lie.contains(value);
  shop.faces.emplace(value, faces);
  const kernels::Extent extent = view.extent(view.shape(0));
  return kernel_step(text_of(extent), "round_to_bf16",
                     [=, from = view.in(0), to = view.addresses.rounded(value)] {
                       if (faces->as_it_lies) kernels::round_to_bf16(from, to, extent.size());
                       kernels::pair_both(from, faces->in_pairs, faces->turned_in_pairs, extent);
                     });
}

}  // namespace coil::onednn
