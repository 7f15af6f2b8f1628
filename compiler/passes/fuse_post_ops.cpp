#include "compiler/passes/fuse_post_ops.hpp"

#include <optional>

#include "compiler/graph/rewriter.hpp"

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

std::optional<Activation> activation_of(Op op) {
  switch (op) {
    case Op::relu:
      return Activation::relu;
    case Op::tanh:
      return Activation::tanh;
    case Op::sigmoid:
      return Activation::sigmoid;
    case Op::hard_sigmoid:
      return Activation::hard_sigmoid;
    default:
      return std::nullopt;  // every other op is no activation, a new one too
  }
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
    const Value left = node.operands[0], right = node.operands[1];
    if (auto product = with_sum(node, left, right)) return product;
    return with_sum(node, right, left);
  }

  // The old value as a product that this user alone sees and that can still take more behind it.
  std::optional<Product> open_product(Value old) {
    if (uses_[old.node] != 1) return std::nullopt;
    auto product = as_product(rewriter_.build().graph().node(rewriter_.mapped(old).node));
    if (product && product->attributes.activation != Activation::none) return std::nullopt;
    return product;
  }

  std::optional<Product> with_sum(const Node& sum, Value old_product, Value old_other) {
    auto product = open_product(old_product);
    if (!product || product->attributes.addend) return std::nullopt;
    if (from_.type(old_product) != sum.types[0]) return std::nullopt;
    const Value other = rewriter_.mapped(old_other);
    const Type& type = from_.type(old_other);
    if (type == Type{Element::real, {{sum.types[0].shape.last()}}} && !product->attributes.bias &&
        type != sum.types[0]) {
      product->attributes.bias = true;
    } else if (type == sum.types[0]) {
      product->attributes.addend = true;
    } else {
      return std::nullopt;
    }
    product->operands.push_back(other);
    return product;
  }

  Rewriter rewriter_;
  const Graph& from_;
  std::vector<std::uint32_t> uses_;
};

}  // namespace

Graph fuse_post_ops(const Graph& graph) { return Fuser(graph).run(); }

}  // namespace coil
