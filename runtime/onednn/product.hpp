#pragma once

// What lowering a product needs to know, whatever its sides are.

#include <optional>

#include "runtime/onednn/lowering.hpp"

namespace coil::onednn {

// [m x k] @ [k x n], either side as it lies or transposed. Rows of the left side are all its dimensions but the last.
struct Product {
  const NodeView& view;
  FusedMatmulAttributes how;
  std::int64_t m, k, n;

  Product(const NodeView& node, const FusedMatmulAttributes& attributes);

  std::string text() const;
  Element element() const;  // of both sides
  Value right() const { return view.operand(1); }
  float* bias() const { return how.bias ? view.in(2) : nullptr; }
  float* addend() const { return how.addend ? view.in(view.node().operands.size() - 1) : nullptr; }
};

// Whether it is a sum of products by some of the rows each; then the right side has to lie as it is.
bool is_summed_in_parts(const Product& product);

// Where the sides of a product lie, and the layout of the right one.
struct Sides {
  memory::data_type type = f32;
  void* src = nullptr;
  memory weights;
};

// By a primitive of oneDNN's own choice, on sides that lie there.
std::function<void()> run_by(const dnnl::matmul::primitive_desc& descriptor, const Product& product,
                             const Sides& sides, Workshop& shop);

// What such a primitive is asked for. The right side is as the product has it, but for `weights`.
MatmulDescription description_of(const Product& product, memory::data_type type);

// By the instructions for such numbers; nothing where the machine has none for it.
std::optional<Step> lower_bf16_matmul(const Product& product, Workshop& shop);

// By sums of whole numbers, exactly; nothing where the machine has no instructions for it.
std::optional<Step> lower_int8_matmul(const Product& product, Workshop& shop);

// An operand of bf16, which then is rounded to there as well as to the other layouts that it is wanted in.
kernels::Bf16* rounded_as_it_lies(const NodeView& view, std::size_t operand, Workshop& shop);

// A value of bf16 or int8, as reals: in steps before the one that is being lowered, once a run.
float* widened(const NodeView& view, std::size_t operand, Workshop& shop);

}  // namespace coil::onednn
