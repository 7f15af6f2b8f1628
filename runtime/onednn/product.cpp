#include "runtime/onednn/product.hpp"

#include "runtime/kernels/int8.hpp"

namespace coil::onednn {
namespace {

// From so many rows on oneDNN sums parts of a product by transposed rows on a thread each, and then the parts, so that
// the last bits depend on the number of threads. Half as many stay in the cache, too.
constexpr std::int64_t rows_that_are_divided = 2048;
constexpr std::int64_t rows_of_part = rows_that_are_divided / 2;

// Products that are summed up where they are written, one after the other.
struct Summed {
  std::vector<dnnl::matmul> primitives;
  std::vector<Arguments> arguments;

  void run() const {
    for (std::size_t i = 0; i < primitives.size(); ++i)
      primitives[i].execute(stream(), arguments[i]);
  }
};

void* advanced(void* from, std::int64_t elements, memory::data_type type) {
  return static_cast<std::byte*>(from) + elements * (type == bf16 ? 2 : 4);
}

void append(Summed& parts, const dnnl::matmul::primitive_desc& descriptor, const Product& product,
            const Sides& sides, bool has_bias, Workshop& shop) {
  Arguments arguments = {
      {DNNL_ARG_SRC, memory(descriptor.src_desc(), engine(), sides.src)},
      {DNNL_ARG_WEIGHTS, sides.weights},
      {DNNL_ARG_DST, memory(descriptor.dst_desc(), engine(), product.view.out())},
      {DNNL_ARG_SCRATCHPAD, shop.scratchpad(descriptor.scratchpad_desc())}};
  if (has_bias)
    arguments.emplace(DNNL_ARG_BIAS, memory(plain(1, product.n), engine(), product.bias()));
  parts.primitives.emplace_back(descriptor);
  parts.arguments.push_back(std::move(arguments));
}

Summed in_parts(const Product& product, const Sides& sides, Workshop& shop) {
  Summed parts;
  for (std::int64_t row = 0; row < product.k; row += rows_of_part) {
    const std::int64_t rows = std::min(rows_of_part, product.k - row);
    const bool is_first = row == 0, is_last = row + rows == product.k;
    MatmulDescription part = description_of(product, sides.type);
    part.src = transposed(product.m, rows, sides.type);
    part.weights = plain(rows, product.n, sides.type);
    part.has_bias = part.has_bias && is_first;
    part.sum_dst = part.sum_dst || !is_first;
    if (!is_last) part.activation = Activation::none;
    const Sides there{
        sides.type, advanced(sides.src, row * product.m, sides.type),
        memory(part.weights, engine(),
               advanced(sides.weights.get_data_handle(), row * product.n, sides.type))};
    append(parts, matmul_descriptor(part), product, there, part.has_bias, shop);
  }
  return parts;
}

}  // namespace

Product::Product(const NodeView& node, const FusedMatmulAttributes& attributes)
    : view(node), how(attributes) {
  const kernels::Extent a = view.extent(view.shape(0)), dst = view.extent(view.result_shape());
  m = dst.rows;
  k = how.transpose_a ? a.rows : a.columns;
  n = dst.columns;
}

std::string Product::text() const {
  std::string what = fmt::format("[{}x{}]{} @ [{}x{}]{}", m, k, how.transpose_a ? "'" : "", k, n,
                                 how.transpose_b ? "'" : "");
  if (how.bias) what += " + bias";
  if (how.addend) what += " + dst";
  if (how.activation != Activation::none) what += fmt::format(", {}", to_string(how.activation));
  return what;
}

Element Product::element() const { return view.plan.graph.type(view.operand(0)).element; }

MatmulDescription description_of(const Product& product, memory::data_type type) {
  const auto& [view, how, m, k, n] = product;
  return {.src = how.transpose_a ? transposed(m, k, type) : plain(m, k, type),
          .weights = how.transpose_b ? transposed(k, n, type) : plain(k, n, type),
          .dst = plain(m, n),
          .has_bias = how.bias,
          .sum_dst = how.addend,
          .activation = how.activation};
}

std::function<void()> run_by(const dnnl::matmul::primitive_desc& descriptor, const Product& product,
                             const Sides& sides, Workshop& shop) {
  Summed parts;
  if (is_summed_in_parts(product))
    parts = in_parts(product, sides, shop);
  else
    append(parts, descriptor, product, sides, product.how.bias, shop);
  return [parts = std::move(parts), addend = product.addend(), dst = product.view.out(),
          size = product.m * product.n] {
    if (addend) move_to(dst, addend, size);
    parts.run();
  };
}

kernels::Bf16* rounded_as_it_lies(const NodeView& view, std::size_t operand, Workshop& shop) {
  const auto faces = shop.faces.find(view.operand(operand));
  if (faces != shop.faces.end()) faces->second->as_it_lies = true;
  return view.rounded_in(operand);
}

float* widened(const NodeView& view, std::size_t operand, Workshop& shop) {
  const Value value = view.operand(operand);
  const auto known = shop.widened.find(value);
  if (known != shop.widened.end()) return known->second;
  const std::int64_t size = view.size(view.shape(operand));
  float* wide = shop.new_reals(size);
  shop.widened.emplace(value, wide);
  const std::string what = text_of(view.extent(view.shape(operand)));
  if (view.plan.graph.type(value).element == Element::int8)
    shop.add_step(value, kernel_step(what, "widen_int8", [=, from = view.small_in(operand)] {
                    kernels::widen_int8(from, wide, size);
                  }));
  else
    shop.add_step(
        value, kernel_step(what, "widen_bf16", [=, from = rounded_as_it_lies(view, operand, shop)] {
          kernels::widen_bf16(from, wide, size);
        }));
  return wide;
}

bool is_summed_in_parts(const Product& product) {
  return product.how.transpose_a && product.k >= rows_that_are_divided;
}

}  // namespace coil::onednn
