// Leaves: what a graph is given. Their types are declared; their values are fed to the interpreter by
// name, but for the constant, which carries its own.

#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil::records {
namespace {

Inferred declared(std::span<const Type>, const Attributes&) { return {}; }

std::vector<std::optional<Value>> no_operands(const GradientRequest&) { return {}; }

void fed(const Attributes&, std::span<const Array* const>, std::span<Array>) {
  throw InternalError("a leaf's value is fed, not computed");
}

void fill(const Attributes& attributes, std::span<const Array* const>, std::span<Array> results) {
  const double value = std::get<ConstantAttributes>(attributes).value;
  for (double& element : results[0].values) element = value;
}

template <typename A>
OpRecord leaf(std::string_view name, ReferenceFunction evaluate) {
  return {.name = name,
          .arity = Arity{0, 0},
          .attributes = attribute_kind<A>(),
          .trait = Trait::leaf,
          .infer = declared,
          .gradient = no_operands,
          .evaluate = evaluate,
          .may_overwrite = overwrites_nothing};
}

}  // namespace

const OpRecord input = leaf<InputAttributes>("input", fed);
const OpRecord weight = leaf<WeightAttributes>("weight", fed);
const OpRecord state = leaf<StateAttributes>("state", fed);
const OpRecord constant = leaf<ConstantAttributes>("constant", fill);

}  // namespace coil::records
