#include "compiler/semantics/messages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/semantics/arithmetic.hpp"
#include "compiler/semantics/functions.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/suggest.hpp"

namespace coil::semantics {
namespace {

std::string describe_index(const Graph& graph, Value value) {
  return fmt::format("index({})", index_bound(graph, value));
}

std::string steps_of(std::int64_t steps, const std::string& what) {
  return fmt::format("{} step{} of {}", steps, steps == 1 ? "" : "s", what);
}

std::string describe_sequence(const Graph& graph, const Sequence& sequence) {
  const Value any = sequence.whole ? *sequence.whole : sequence.elements.front();
  const bool index = sequence.element.element == Element::index;
  return steps_of(sequence.steps, index ? describe_index(graph, any) : describe(sequence.element));
}

std::string describe_real(const Shape& shape) {
  std::vector<std::int64_t> sizes = shape.dims;
  if (shape.is_batched()) sizes.erase(sizes.begin());
  return sizes.empty() ? "real" : fmt::format("real[{}]", fmt::join(sizes, ", "));
}

std::string note_text(const Origin& origin, const std::string& what) {
  switch (origin.kind) {
    case OriginKind::expression:
      return fmt::format("this is {}", what);
    case OriginKind::variable:
      return fmt::format("'{}' is {}, defined here", origin.name, what);
    case OriginKind::input:
      return fmt::format("input '{}' is {}", origin.name, what);
    case OriginKind::parameter:
      return fmt::format("parameter '{}' is {}", origin.name, what);
    case OriginKind::layer:
      return fmt::format("layer '{}' gives {}", origin.name, what);
    case OriginKind::weight:
      return fmt::format("weight '{}' is {}", origin.name, what);
    case OriginKind::state:
      return fmt::format("state '{}' is {}", origin.name, what);
  }
  throw InternalError("unknown kind of origin");
}

}  // namespace

std::int64_t index_bound(const Graph& graph, Value value) {
  const Node* node = &graph.node(value.node);
  while (!std::holds_alternative<InputAttributes>(node->attributes)) {
    node = &graph.node(node->operands.at(0).node);  // slices and stacks of inputs
  }
  return std::get<InputAttributes>(node->attributes).bound;
}

std::string describe(const Type& type) {
  return type.element == Element::index ? "index" : describe_real(type.shape);
}

std::string describe(const Graph& graph, Value value) {
  const Type& type = graph.type(value);
  return type.element == Element::index ? describe_index(graph, value) : describe(type);
}

std::string describe(const Graph& graph, const Meaning& meaning) {
  if (const Value* value = meaning.value()) return describe(graph, *value);
  if (const Sequence* sequence = meaning.sequence()) return describe_sequence(graph, *sequence);
  if (const Collection* collection = meaning.collection()) {
    const auto elements = static_cast<std::int64_t>(collection->elements.size());
    return steps_of(elements, describe(collection->type));
  }
  if (meaning.parts()) return fmt::format("{} parts", meaning.parts()->size());
  if (const Word* word = meaning.word()) return fmt::format("the name '{}'", word->text);
  if (meaning.is_number()) return "the number " + to_string(to_number(meaning));
  throw InternalError("poison must not be described");
}

void note_origin(Context& context, Diagnostic& diagnostic, const Meaning& meaning) {
  const Origin& origin = meaning.origin;
  if (!origin.where.is_somewhere() || origin.where == diagnostic.where) return;
  for (const Diagnostic& note : diagnostic.notes) {
    if (note.where == origin.where) return;
  }
  diagnostic.note(origin.where, note_text(origin, describe(context.graph, meaning)));
}

std::string suggestion(Context& context, const std::string& name) {
  if (context.diagnostics.full()) return "";
  std::vector<std::string> visible = context.scope().names();
  for (const std::string& cell : cell_names(*context.frame->file)) visible.push_back(cell);
  for (const LayerKind& kind : layer_kinds()) visible.push_back(kind.name);
  for (const Function& function : functions()) visible.push_back(function.name);
  return did_you_mean(name, visible);
}

Meaning unknown_name(Context& context, const std::string& name, SourceRange where) {
  const auto defined = context.names().find(name);
  if (defined == context.names().end()) {
    const std::string hint = suggestion(context, name);
    context.diagnostics.error(where, fmt::format("unknown name '{}'{}", name, hint));
    return poison(where);
  }
  const NamePlace& place = defined->second;
  const bool before = place.where.begin < where.begin;
  std::string note =
      fmt::format("'{}' is defined here, further down; move it before its use", name);
  if (before) note = fmt::format("'{}' gets its first value here and has none before", name);
  if (before && place.in_loop) {
    note = fmt::format(
        "'{0}' is defined here, inside a loop, and ends with each of its steps; give "
        "'{0}' a value before the loop to keep it",
        name);
  }
  context.diagnostics.error(where, fmt::format("unknown name '{}'", name)).note(place.where, note);
  return poison(where);
}

}  // namespace coil::semantics
