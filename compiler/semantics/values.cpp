#include "compiler/semantics/values.hpp"

#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "compiler/semantics/arithmetic.hpp"
#include "compiler/semantics/messages.hpp"

namespace coil::semantics {
namespace {

// Values are floats when run: a constant past them would be an infinity there.
std::optional<Value> as_constant(Context& context, double number, SourceRange where) {
  if (std::abs(number) <= std::numeric_limits<float>::max()) return context.build.constant(number);
  context.diagnostics.error(
      where, fmt::format("{} is past the largest real that a value can hold, 3.4e38", number));
  return std::nullopt;
}

void report_not_real(Context& context, const Meaning& meaning, const std::string& what) {
  const std::string wanted = meaning.value() ? "real values" : "values";
  const std::string advice = meaning.value() ? "; apply an embedding to it" : "";
  Diagnostic& diagnostic = context.diagnostics.error(
      meaning.where, fmt::format("{} takes {}, and this is {}{}", what, wanted,
                                 describe(context.graph, meaning), advice));
  note_origin(context, diagnostic, meaning);
}

}  // namespace

std::optional<std::int64_t> as_size(Context& context, const Meaning& meaning,
                                    const std::string& what) {
  if (meaning.is_poison()) return std::nullopt;
  const auto* integer = std::get_if<std::int64_t>(&meaning.what);
  if (integer && *integer >= 1 && *integer <= largest_size) return *integer;
  Diagnostic& diagnostic = context.diagnostics.error(
      meaning.where, fmt::format("{} must be an integer from 1 to {}, and this is {}", what,
                                 largest_size, describe(context.graph, meaning)));
  note_origin(context, diagnostic, meaning);
  return std::nullopt;
}

std::optional<double> as_rate(Context& context, const Meaning& meaning, const std::string& what) {
  if (meaning.is_poison()) return std::nullopt;
  const double rate = meaning.is_number() ? to_double(to_number(meaning)) : -1;
  if (rate >= 0 && rate < 1) return rate;
  Diagnostic& diagnostic = context.diagnostics.error(
      meaning.where, fmt::format("{} must be a number from 0 to less than 1, and this is {}", what,
                                 describe(context.graph, meaning)));
  note_origin(context, diagnostic, meaning);
  return std::nullopt;
}

std::optional<std::string> why_too_large(const Shape& shape) {
  const auto why = why_invalid(shape);
  if (!why || !shape.is_batched()) return why;
  Shape row = shape;
  row.dims.erase(row.dims.begin());
  if (shape.rank() <= largest_rank) return why_invalid(row);
  return fmt::format("{} dimensions are more than {}", row.rank(), largest_rank - 1);
}

std::optional<Value> as_real(Context& context, const Meaning& meaning, const std::string& what) {
  if (meaning.is_poison()) return std::nullopt;
  if (meaning.is_number()) {
    return as_constant(context, to_double(to_number(meaning)), meaning.where);
  }
  const Value* value = meaning.value();
  if (value && context.build.type(*value).element == Element::real) return *value;
  report_not_real(context, meaning, what);
  return std::nullopt;
}

Meaning build_node(Context& context, Op op, const std::vector<Value>& operands, SourceRange where) {
  const Attributes none = NoAttributes{};
  const std::string why = context.build.why_not(op, none, operands);
  if (!why.empty()) {
    context.diagnostics.error(where, why);
    return poison(where);
  }
  context.at(where);
  return meaning(context.build.add(op, operands, none), where);
}

bool has_width(Context& context, const Meaning& meaning, Value value, const std::string& what) {
  const Shape& shape = context.build.type(value).shape;
  if (shape.rank() > (shape.is_batched() ? 1u : 0u)) return true;
  Diagnostic& diagnostic = context.diagnostics.error(
      meaning.where,
      fmt::format("{} works along the last dimension, and this is {}, which has none", what,
                  describe(context.graph, meaning)));
  note_origin(context, diagnostic, meaning);
  return false;
}

}  // namespace coil::semantics
