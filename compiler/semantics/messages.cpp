#include "compiler/semantics/messages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/semantics/arithmetic.hpp"
#include "compiler/semantics/functions.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/suggest.hpp"

namespace coil::semantics {
namespace {

std::string describe_index(const Node& node) {
  const auto* input = std::get_if<InputAttributes>(&node.attributes);
  return input ? fmt::format("index({})", input->bound) : "index";
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
  }
  throw InternalError("unknown kind of origin");
}

}  // namespace

std::string describe(const Graph& graph, Value value) {
  const Type& type = graph.type(value);
  return type.element == Element::index ? describe_index(graph.node(value.node))
                                        : describe_real(type.shape);
}

std::string describe(const Graph& graph, const Meaning& meaning) {
  if (const Value* value = meaning.value()) return describe(graph, *value);
  if (const Word* word = meaning.word()) return fmt::format("the name '{}'", word->text);
  if (meaning.is_number()) return "the number " + to_string(to_number(meaning));
  throw InternalError("poison must not be described");
}

void note_origin(const Context& context, Diagnostic& diagnostic, const Meaning& meaning) {
  const Origin& origin = meaning.origin;
  if (!origin.where.is_somewhere() || origin.where == diagnostic.where) return;
  for (const Diagnostic& note : diagnostic.notes) {
    if (note.where == origin.where) return;
  }
  diagnostic.note(origin.where, note_text(origin, describe(context.graph, meaning)));
}

std::string suggestion(Context& context, const std::string& name) {
  if (context.diagnostics.full()) return "";
  std::vector<std::string> visible = context.scope.names();
  for (const LayerKind& kind : layer_kinds()) visible.push_back(kind.name);
  for (const Function& function : functions()) visible.push_back(function.name);
  return did_you_mean(name, visible);
}

Meaning unknown_name(Context& context, const std::string& name, SourceRange where) {
  const auto defined = context.names.find(name);
  if (defined == context.names.end()) {
    const std::string hint = suggestion(context, name);
    context.diagnostics.error(where, fmt::format("unknown name '{}'{}", name, hint));
    return poison(where);
  }
  const bool itself = defined->second.begin < where.begin;
  context.diagnostics.error(where, fmt::format("unknown name '{}'", name))
      .note(defined->second,
            itself
                ? fmt::format("'{}' gets its first value here and has none before", name)
                : fmt::format("'{}' is defined here, further down; move it before its use", name));
  return poison(where);
}

}  // namespace coil::semantics
