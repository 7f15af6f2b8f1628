#include "compiler/passes/simplifier.hpp"

#include <algorithm>

#include "compiler/graph/op_record.hpp"
#include "compiler/graph/op_traits.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

Type type_of(const Builder& build, Op op, const std::vector<Value>& operands,
             const Attributes& attributes) {
  std::vector<Type> types;
  for (const Value operand : operands) types.push_back(build.type(operand));
  Inferred inferred = record(op).infer.value(types, attributes);
  require(inferred.error.empty() && inferred.types.size() == 1, "{}: {}", to_string(op),
          inferred.error);
  return inferred.types[0];
}

}  // namespace

Value Simplifier::add(Op op, std::vector<Value> operands, Attributes attributes) {
  if (is_commutative(op)) std::ranges::sort(operands);
  const Site site{*this, op, attributes, operands, type_of(build_, op, operands, attributes)};
  for (const auto& family : {rewrite_arithmetic, rewrite_product, rewrite_parts})
    if (const Rewrite instead = family(site)) {
      require(build_.type(*instead) == site.type, "{} was rewritten to another type",
              to_string(op));
      return *instead;
    }
  return build_.add(op, std::move(operands), std::move(attributes));
}

}  // namespace coil
