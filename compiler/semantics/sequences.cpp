#include "compiler/semantics/sequences.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/values.hpp"

namespace coil::semantics {
namespace {

// The steps of the sequences among the arguments: 0 where there are none, nothing where they differ.
std::optional<std::int64_t> common_steps(Context& context, const Stepwise& work,
                                         std::span<const Meaning> arguments) {
  const Meaning* first = nullptr;
  for (const Meaning& argument : arguments) {
    const Sequence* sequence = argument.sequence();
    if (!sequence) continue;
    if (!first) first = &argument;
    const std::int64_t steps = first->sequence()->steps;
    if (sequence->steps == steps) continue;
    Diagnostic& diagnostic = context.diagnostics.error(
        work.where, fmt::format("{} works step by step, and the sequences have {} and {} steps",
                                work.what, steps, sequence->steps));
    note_origin(context, diagnostic, *first);
    note_origin(context, diagnostic, argument);
    return std::nullopt;
  }
  return first ? first->sequence()->steps : 0;
}

Meaning at_step(Context& context, const Meaning& argument, std::int64_t step) {
  const Sequence* sequence = argument.sequence();
  if (!sequence) return argument;
  return {element(context, *sequence, step), argument.where, argument.origin};
}

// One row a part from the parts of every step.
Meaning transpose(Context& context, const std::vector<Meaning>& steps, SourceRange where) {
  std::vector<Meaning> parts;
  for (std::size_t i = 0; i < steps.front().parts()->size(); ++i) {
    auto row = std::make_shared<Sequence>();
    row->steps = static_cast<std::int64_t>(steps.size());
    for (const Meaning& step : steps) row->elements.push_back(*(*step.parts())[i].value());
    row->element = context.build.type(row->elements.front());
    parts.push_back(meaning(SequencePtr(std::move(row)), where));
  }
  return meaning(std::make_shared<const std::vector<Meaning>>(std::move(parts)), where);
}

Meaning in_a_row(Context& context, const std::vector<Meaning>& steps, SourceRange where) {
  if (steps.front().parts()) return transpose(context, steps, where);
  auto row = std::make_shared<Sequence>();
  row->steps = static_cast<std::int64_t>(steps.size());
  for (const Meaning& step : steps) row->elements.push_back(*step.value());
  row->element = context.build.type(row->elements.front());
  return meaning(SequencePtr(std::move(row)), where);
}

std::string missing_elements(const Collection& collection) {
  constexpr std::size_t shown = 6;
  std::vector<std::size_t> missing;
  std::size_t all = 0;
  for (std::size_t step = 0; step < collection.elements.size(); ++step) {
    if (collection.elements[step]) continue;
    if (++all <= shown) missing.push_back(step);
  }
  const std::string more = all > shown ? fmt::format(" and {} more", all - shown) : "";
  return fmt::format("{} {}{}", all == 1 ? "element" : "elements", fmt::join(missing, ", "), more);
}

}  // namespace

Value element(Context& context, const Sequence& sequence, std::int64_t step) {
  if (!sequence.whole) return sequence.elements[static_cast<std::size_t>(step)];
  return context.build.add(Op::slice, {*sequence.whole},
                           SliceAttributes{1, sequence.begin + step, 1, true});
}

Value as_one_value(Context& context, const Sequence& sequence, SourceRange where) {
  context.at(where);
  if (!sequence.whole) {
    return context.build.add(Op::concat, sequence.elements, ConcatAttributes{1, true});
  }
  if (context.build.type(*sequence.whole).shape.dims[1] == sequence.steps) return *sequence.whole;
  return context.build.add(Op::slice, {*sequence.whole},
                           SliceAttributes{1, sequence.begin, sequence.steps, false});
}

Shape shape_of(Context& context, const Meaning& meaning) {
  const Sequence* sequence = meaning.sequence();
  if (!sequence) return context.build.type(*meaning.value()).shape;
  Shape shape = sequence->element.shape;
  shape.dims.insert(shape.dims.begin() + (shape.is_batched() ? 1 : 0), sequence->steps);
  return shape;
}

SequencePtr part_of(const Sequence& sequence, std::int64_t begin, std::int64_t end) {
  auto part = std::make_shared<Sequence>();
  part->element = sequence.element;
  part->steps = end - begin;
  part->whole = sequence.whole;
  part->begin = sequence.begin + begin;
  if (!sequence.whole) {
    part->elements.assign(sequence.elements.begin() + begin, sequence.elements.begin() + end);
  }
  return part;
}

Meaning per_step(Context& context, const Stepwise& work, std::span<const Meaning> arguments,
                 const std::function<Meaning(std::span<const Meaning>)>& once) {
  const auto steps = common_steps(context, work, arguments);
  if (!steps) return poison(work.where);
  if (*steps == 0) return once(arguments);
  const Repeat repeat(context, work.where, work.what, *steps, work.nodes + 1);
  std::vector<Meaning> results;
  results.reserve(static_cast<std::size_t>(*steps));
  for (std::int64_t step = 0; step < *steps; ++step) {
    context.at(work.where);
    std::vector<Meaning> now;
    now.reserve(arguments.size());
    for (const Meaning& argument : arguments) now.push_back(at_step(context, argument, step));
    results.push_back(once(now));
    if (results.back().is_poison()) return poison(work.where);
  }
  return in_a_row(context, results, work.where);
}

Value as_batched(Context& context, Value value) {
  const Shape& shape = context.build.type(value).shape;
  if (shape.is_batched()) return value;
  Shape batched = shape;
  batched.dims.insert(batched.dims.begin(), batch_dim);
  return context.build.add(Op::broadcast_to, {value}, ShapeAttributes{batched});
}

bool collect(Context& context, Collection& into, std::int64_t step, const Meaning& value,
             SourceRange where) {
  context.at(where);
  const Value batched = as_batched(context, *value.value());
  const Type& type = context.build.type(batched);
  if (into.given == 0) into.type = type;
  const auto at = static_cast<std::size_t>(step);
  if (at >= into.elements.size()) into.elements.resize(at + 1);
  auto& place = into.elements[at];
  if (place) {
    context.diagnostics
        .error(where, fmt::format("element {} of '{}' is given twice", step, into.name))
        .note(place->where, "first given here");
    return true;
  }
  if (type != into.type) {
    Diagnostic& diagnostic = context.diagnostics.error(
        where, fmt::format("element {} of '{}' is {}, and the first one given was {}", step,
                           into.name, describe(context.graph, value), describe(into.type)));
    diagnostic.note(into.where, fmt::format("'{}' begins here", into.name));
    note_origin(context, diagnostic, value);
    return false;
  }
  place = {batched, where};
  ++into.given;
  into.complete.reset();
  return true;
}

Meaning completed(Context& context, const Meaning& collection, SourceRange where) {
  Collection& from = *collection.collection();
  if (from.given == from.elements.size()) {
    if (!from.complete) {
      auto row = std::make_shared<Sequence>();
      row->element = from.type;
      row->steps = static_cast<std::int64_t>(from.given);
      for (const auto& one : from.elements) row->elements.push_back(one->value);
      from.complete = std::move(row);
    }
    return {from.complete, where, collection.origin};
  }
  context.diagnostics
      .error(where, fmt::format("'{}' has no {}: each of 0 to {} must be given once before it is "
                                "used",
                                from.name, missing_elements(from), from.elements.size() - 1))
      .note(from.where, fmt::format("'{}' begins here", from.name));
  return poison(where);
}

}  // namespace coil::semantics
