#include "compiler/passes/quantize_products.hpp"

#include <algorithm>
#include <cmath>

#include "compiler/graph/ops/quantizing.hpp"
#include "compiler/graph/rewriter.hpp"
#include "compiler/passes/staying_products.hpp"

namespace coil {
namespace {

// The scale of the left side: that of the largest range under the right one, as a float.
std::optional<double> scale_for(const std::vector<std::string>& leaves, const Ranges& ranges) {
  if (leaves.empty()) return std::nullopt;
  float range = 0;
  for (const std::string& leaf : leaves) {
    const auto known = ranges.find(leaf);
    if (known == ranges.end() || !std::isfinite(known->second)) return std::nullopt;
    range = std::max(range, known->second);
  }
  return static_cast<float>(int8_scale(range));
}

Value quantized(Builder& build, Value x, Value w, double scale) {
  const Value scales = build.add(Op::column_scales, {w});
  const Value product = build.add(Op::matmul,
                                  {build.add(Op::to_int8, {x}, ScaleAttributes{scale}),
                                   build.add(Op::to_int8_columns, {w, scales})},
                                  MatmulAttributes{});
  return build.add(Op::mul, {product, build.add(Op::mul, {scales, build.constant(scale)})});
}

}  // namespace

Graph quantize_products(const Graph& graph, const Load& load) {
  if (!load.ranges) return graph;
  const StayingProducts products(graph);
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    rewriter.build().at(node.place);
    std::optional<double> scale;
    if (products.has(id)) scale = scale_for(products.leaves_under(id), *load.ranges);
    if (!scale) {
      rewriter.keep(id);
      continue;
    }
    const std::vector<Value> sides = rewriter.mapped(node.operands);
    rewriter.replace({id, 0}, quantized(rewriter.build(), sides[0], sides[1], *scale));
  }
  return rewriter.finish();
}

}  // namespace coil
