#include "compiler/passes/fuse_post_ops.hpp"

#include <optional>

#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/post_ops.hpp"

namespace coil {
namespace {

struct Product {
  FusedMatmulAttributes attributes;
  std::vector<Value> operands;
};

// A node of the new graph as a product, fused or plain.
std::optional<Product> as_product(const Node& node) {
  if (const auto* fused = std::get_if<FusedMatmulAttributes>(&node.attributes))
    return Product{*fused, node.operands};
  if (const auto* plain = std::get_if<MatmulAttributes>(&node.attributes)) {
    FusedMatmulAttributes attributes;
    attributes.transpose_a = plain->transpose_a;
    attributes.transpose_b = plain->transpose_b;
    return Product{attributes, node.operands};
  }
  return std::nullopt;
}

class Fuser {
 public:
  explicit Fuser(const Graph& graph) : rewriter_(graph), from_(graph), uses_(count_uses(graph)) {}

  Graph run() {
    for (NodeId id = 0; id < from_.size(); ++id) {
      const Node& node = from_.node(id);
      rewriter_.build().at(node.place);
      if (const auto product = fused(node))
        rewriter_.replace({id, 0}, rewriter_.build().add(Op::fused_matmul, product->operands,
                                                         product->attributes));
      else
        rewriter_.keep(id);
    }
    return rewriter_.finish();
  }

 private:
  std::optional<Product> fused(const Node& node) {
    if (const auto activation = activation_of(node.op)) {
      auto product = open_product(node.operands[0]);
      if (product) product->attributes.activation = *activation;
      return product;
    }
    if (node.op != Op::add) return std::nullopt;
    for (std::size_t i = 0; i < node.operands.size(); ++i)
      if (auto product = with_sum(node, i)) return product;
    return std::nullopt;
  }

  // The old value as a product that this user alone sees and that can still take more behind it.
  std::optional<Product> open_product(Value old) {
    if (uses_[old.node] != 1) return std::nullopt;
    auto product = as_product(rewriter_.build().graph().node(rewriter_.mapped(old).node));
    if (product && product->attributes.activation != Activation::none) return std::nullopt;
    return product;
  }

  // The i-th operand as a product that adds the others itself: one as its bias, the rest as its addend.
  std::optional<Product> with_sum(const Node& sum, std::size_t i) {
    auto product = open_product(sum.operands[i]);
    const Type& type = sum.types[0];
    if (!product || product->attributes.addend || from_.type(sum.operands[i]) != type)
      return std::nullopt;
    std::vector<Value> rest;
    bool is_whole = false;
    for (std::size_t k = 0; k < sum.operands.size(); ++k) {
      if (k == i) continue;
      const Value other = rewriter_.mapped(sum.operands[k]);
      if (is_bias(from_.type(sum.operands[k]), type) && !product->attributes.bias) {
        product->attributes.bias = true;
        product->operands.push_back(other);
      } else {
        rest.push_back(other);
        is_whole = is_whole || from_.type(sum.operands[k]) == type;
      }
    }
    if (rest.empty()) return product;
    if (!is_whole) return std::nullopt;
    product->attributes.addend = true;
    product->operands.push_back(rest.size() == 1 ? rest[0] : rewriter_.build().add(Op::add, rest));
    return product;
  }

  Rewriter rewriter_;
  const Graph& from_;
  std::vector<std::uint32_t> uses_;
};

}  // namespace

Graph fuse_post_ops(const Graph& graph) { return Fuser(graph).run(); }

}  // namespace coil
