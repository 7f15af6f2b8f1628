// Subscripts: elements and parts of sequences, and of dimensions.

#include <fmt/format.h>

#include "compiler/semantics/expressions.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/sequences.hpp"

namespace coil::semantics {
namespace {

// What one subscript takes of a dimension, or of the steps.
struct Taken {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool drop = false;
};

class SubscriptReader {
 public:
  SubscriptReader(Context& context, const Meaning& base) : context_(context), base_(base) {}

  // `size` elements, "steps" or "elements".
  std::optional<Taken> read(const ast::Subscript& subscript, std::int64_t size,
                            std::string_view unit) {
    if (!subscript.is_range) return index(subscript, size, unit);
    const auto begin = subscript.begin ? integer(*subscript.begin) : std::int64_t{0};
    const auto end = subscript.end ? integer(*subscript.end) : size;
    if (!begin || !end) return std::nullopt;
    if (*begin >= 0 && *begin < *end && *end <= size) return Taken{*begin, *end, false};
    report(subscript.where, *begin >= *end ? fmt::format("the range {}:{} is empty", *begin, *end)
                                           : fmt::format("the range {}:{} is not inside the {} {}",
                                                         *begin, *end, size, unit));
    return std::nullopt;
  }

 private:
  std::optional<Taken> index(const ast::Subscript& subscript, std::int64_t size,
                             std::string_view unit) {
    const auto at = integer(*subscript.begin);
    if (!at) return std::nullopt;
    if (*at >= 0 && *at < size) return Taken{*at, *at + 1, true};
    report(subscript.where,
           fmt::format("{} is none of the {} {}, which count from 0{}", *at, size, unit,
                       *at < 0 && base_.sequence() ? "; '|> last' is the last step" : ""));
    return std::nullopt;
  }

  std::optional<std::int64_t> integer(const ast::Expression& expression) {
    const Meaning found = meaning_of(context_, expression);
    if (found.is_poison()) return std::nullopt;
    if (const std::int64_t* known = found.integer()) return *known;
    Diagnostic& diagnostic = context_.diagnostics.error(
        found.where, fmt::format("a subscript must be an integer, and this is {}",
                                 describe(context_.graph, found)));
    note_origin(context_, diagnostic, found);
    return std::nullopt;
  }

  void report(SourceRange where, const std::string& message) {
    Diagnostic& diagnostic = context_.diagnostics.error(where, message);
    note_origin(context_, diagnostic, base_);
  }

  Context& context_;
  const Meaning& base_;
};

using Subscripts = std::span<const ast::Subscript>;

Meaning refuse_number_of(Context& context, const Meaning& base, Subscripts subscripts,
                         std::size_t dimensions) {
  Diagnostic& diagnostic = context.diagnostics.error(
      coil::join(subscripts.front().where, subscripts.back().where),
      fmt::format("{} subscript{} for {}, which has {} dimension{}", subscripts.size(),
                  subscripts.size() == 1 ? "" : "s", describe(context.graph, base), dimensions,
                  dimensions == 1 ? "" : "s"));
  note_origin(context, diagnostic, base);
  return poison(base.where);
}

// One subscript a dimension from the first that is not the batch; those without keep all.
Meaning subscript_value(Context& context, const Meaning& base, Subscripts subscripts,
                        SourceRange where) {
  Value value = *base.value();
  const Shape shape = context.build.type(value).shape;
  const std::int64_t front = shape.is_batched() ? 1 : 0;
  const std::size_t dimensions = shape.rank() - static_cast<std::size_t>(front);
  if (subscripts.size() > dimensions) {
    return refuse_number_of(context, base, subscripts, dimensions);
  }
  SubscriptReader reader(context, base);
  std::int64_t axis = front;
  for (std::size_t i = 0; i < subscripts.size(); ++i) {
    const std::int64_t size = shape.dims[static_cast<std::size_t>(front) + i];
    const auto taken = reader.read(subscripts[i], size, "elements");
    if (!taken) return poison(where);
    const std::int64_t kept = taken->end - taken->begin;
    context.at(where);
    if (taken->drop || kept < size) {
      value = context.build.add(Op::slice, {value},
                                SliceAttributes{axis, taken->begin, kept, taken->drop});
    }
    if (!taken->drop) ++axis;
  }
  return {value, where, {OriginKind::expression, "", where}};
}

Meaning subscript_sequence(Context& context, const Meaning& base, Subscripts subscripts,
                           SourceRange where) {
  const Sequence& sequence = *base.sequence();
  const auto taken =
      SubscriptReader(context, base).read(subscripts.front(), sequence.steps, "steps");
  if (!taken) return poison(where);
  context.at(where);
  Meaning found{Poison{}, where, base.origin};
  if (taken->drop) {
    found.what = element(context, sequence, taken->begin);
  } else {
    found.what = part_of(sequence, taken->begin, taken->end);
  }
  const Subscripts rest = subscripts.subspan(1);
  if (rest.empty()) return found;
  const Stepwise work{"a subscript", static_cast<std::int64_t>(rest.size()), where};
  return per_step(context, work, {&found, 1}, [&](std::span<const Meaning> step) {
    return subscript_value(context, step[0], rest, where);
  });
}

// An element that was given may be read before the others were.
std::optional<Meaning> given_element(Context& context, const Meaning& base, Subscripts subscripts,
                                     SourceRange where) {
  const Collection& collection = *base.collection();
  if (subscripts.front().is_range) return std::nullopt;
  const auto size = static_cast<std::int64_t>(collection.elements.size());
  const auto taken = SubscriptReader(context, base).read(subscripts.front(), size, "elements");
  if (!taken) return poison(where);
  const auto& found = collection.elements[static_cast<std::size_t>(taken->begin)];
  if (!found) {
    context.diagnostics
        .error(subscripts.front().where,
               fmt::format("element {} of '{}' was not given yet", taken->begin, collection.name))
        .note(collection.where, fmt::format("'{}' begins here", collection.name));
    return poison(where);
  }
  const Meaning value{found->value, where, base.origin};
  const Subscripts rest = subscripts.subspan(1);
  return rest.empty() ? value : subscript_value(context, value, rest, where);
}

}  // namespace

Meaning apply_subscripts(Context& context, const Meaning& base, Subscripts subscripts,
                         SourceRange where) {
  if (base.is_poison()) return poison(where);
  if (base.collection()) {
    if (auto found = given_element(context, base, subscripts, where)) return *found;
    const Meaning whole = completed(context, base, base.where);
    return whole.is_poison() ? whole : subscript_sequence(context, whole, subscripts, where);
  }
  if (base.sequence()) return subscript_sequence(context, base, subscripts, where);
  if (base.value()) return subscript_value(context, base, subscripts, where);
  Diagnostic& diagnostic = context.diagnostics.error(
      where, fmt::format("only values and sequences have subscripts, and this is {}",
                         describe(context.graph, base)));
  note_origin(context, diagnostic, base);
  return poison(where);
}

}  // namespace coil::semantics
