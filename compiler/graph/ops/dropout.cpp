// dropout(x) is x: what a model says, and what it predicts with. In training it is given two numbers more:
//   dropout(x, seed, step)[i] = x[i] / (1 - rate)  where the mask of seed, step, layer and i keeps i, else 0
// In the body of a scan i counts the elements of one step: the mask is the same at every step.

#include "compiler/graph/dropout_mask.hpp"
#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"

namespace coil::records {
namespace {

Inferred infer_dropout(std::span<const Type> x, const Attributes& attributes) {
  const auto& dropout = std::get<DropoutAttributes>(attributes);
  if (!(dropout.rate >= 0 && dropout.rate < 1))
    return refuses("a rate of {} is not from 0 to below 1", dropout.rate);
  if (dropout.layer < 0 || dropout.layer > largest_value)
    return refuses("{} is no number of a layer", dropout.layer);
  if (x[0].element != Element::real) return refuses("takes reals, not {}", to_string(x[0]));
  if (x.size() == 2) return refuses("takes a seed and a step, or neither");
  for (const Type& number : x.subspan(1))
    if (number != real({})) return refuses("seed and step are scalars, not {}", to_string(number));
  return fits(x[0]);
}

// It is linear: the gradient passes where the value did.
std::vector<std::optional<Value>> gradient_of_dropout(const GradientRequest& r) {
  const Node& node = r.graph.node(r.node);
  std::vector<Value> operands = node.operands;
  const Attributes attributes = node.attributes;
  std::vector<std::optional<Value>> gradients(operands.size());
  operands[0] = *r.result_gradients[0];
  gradients[0] = r.build.add(Op::dropout, std::move(operands), attributes);
  return gradients;
}

void evaluate_dropout(const Attributes& attributes, std::span<const Array* const> x,
                      std::span<Array> y) {
  y[0].values = x[0]->values;
  if (x.size() == 1) return;
  const auto& dropout = std::get<DropoutAttributes>(attributes);
  const DropoutMask mask(dropout.rate, dropout.layer, x[1]->values[0], x[2]->values[0]);
  for (std::size_t i = 0; i < y[0].values.size(); ++i) {
    const bool keeps = mask.keeps(i / 4)[i % 4];
    y[0].values[i] = keeps ? y[0].values[i] / (1 - dropout.rate) : 0;
  }
}

}  // namespace

const OpRecord dropout = {.name = "dropout",
                          .arity = Arity{1, 3},
                          .attributes = attribute_kind<DropoutAttributes>(),
                          .trait = Trait::none,
                          .infer = infer_dropout,
                          .gradient = gradient_of_dropout,
                          .evaluate = evaluate_dropout,
                          .may_overwrite = overwrites_first};

}  // namespace coil::records
