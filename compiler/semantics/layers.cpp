#include "compiler/semantics/layers.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/semantics/arguments.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/suggest.hpp"

namespace coil::semantics {
namespace {

std::string to_usage(const LayerParameter& parameter) {
  if (!parameter.fallback) return parameter.name;
  return fmt::format("{} = {}", parameter.name, coil::to_string(*parameter.fallback));
}

void report_unknown_kind(Context& context, const ast::Identifier& kind) {
  std::vector<std::string> kinds;
  for (const LayerKind& row : layer_kinds()) kinds.push_back(row.name);
  context.diagnostics.error(kind.where, fmt::format("unknown layer kind '{}'{}", kind.name,
                                                    did_you_mean(kind.name, kinds)));
}

const ParameterValue& argument(const Layer& layer, const std::string& parameter) {
  const std::vector<LayerParameter>& parameters = layer.kind->parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].name == parameter) return layer.arguments[i];
  }
  throw InternalError(fmt::format("{} has no parameter {}", layer.kind->name, parameter));
}

void note_first_use(Context& context, const LayerUse& use, Value result) {
  Layer& layer = use.layer;
  if (layer.first_use) return;
  layer.first_use = {context.build.type(use.value), use.where};
  context.graph.layers.push_back({layer.name, layer.kind->name, context.build.type(result).shape});
}

}  // namespace

const LayerKind* find_layer_kind(const std::string& name) {
  for (const LayerKind& kind : layer_kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

std::string usage(const LayerKind& kind) {
  std::string list;
  for (const LayerParameter& parameter : kind.parameters) {
    list += (list.empty() ? "" : ", ") + to_usage(parameter);
  }
  return fmt::format("{}({})", kind.name, list);
}

std::vector<std::string> all_choices() {
  std::vector<std::string> all;
  for (const LayerKind& kind : layer_kinds()) {
    for (const LayerParameter& parameter : kind.parameters) {
      all.insert(all.end(), parameter.choices.begin(), parameter.choices.end());
    }
  }
  return all;
}

bool is_choice(const std::string& name) {
  const std::vector<std::string> all = all_choices();
  return std::find(all.begin(), all.end(), name) != all.end();
}

std::int64_t LayerUse::size(const std::string& parameter) const {
  return std::get<std::int64_t>(argument(layer, parameter));
}

const std::string& LayerUse::choice(const std::string& parameter) const {
  return std::get<std::string>(argument(layer, parameter));
}

Layer& make_layer(Context& context, const std::string& name, SourceRange where,
                  const ast::Identifier& kind, const std::vector<ast::Argument>& arguments) {
  Layer& layer = context.layers.emplace_back();
  layer.name = name;
  layer.where = where;
  layer.kind = find_layer_kind(kind.name);
  layer.is_poison = true;
  if (!layer.kind) {
    report_unknown_kind(context, kind);
    return layer;
  }
  if (auto bound = bind_arguments(context, *layer.kind, kind.where, arguments)) {
    layer.arguments = std::move(*bound);
    layer.is_poison = false;
  }
  return layer;
}

std::string unnamed_layer(Context& context, const std::string& kind) {
  std::int64_t& made = context.unnamed_layers[kind];
  for (;;) {
    const std::string name = made == 0 ? kind : fmt::format("{}_{}", kind, made);
    ++made;
    if (!context.names.contains(name)) return name;
  }
}

Meaning apply_layer(Context& context, Layer& layer, const Meaning& input, SourceRange where) {
  if (layer.is_poison || input.is_poison()) return poison(where);
  const Value* value = input.value();
  if (!value) {
    context.diagnostics.error(input.where, fmt::format("layer '{}' takes a value, and this is {}",
                                                       layer.name, describe(context.graph, input)));
    return poison(where);
  }
  context.at(where);
  LayerUse use{context, layer, input, *value, where};
  const std::optional<Value> result = layer.kind->apply(use);
  if (!result) return poison(where);
  note_first_use(context, use, *result);
  return {*result, where, {OriginKind::layer, layer.name, layer.where}};
}

std::optional<Value> make_weight(LayerUse& use, const std::string& suffix, const Shape& shape,
                                 Initializer initializer) {
  const std::string name = fmt::format("{}.{}", use.layer.name, suffix);
  if (const auto why = why_invalid(shape)) {
    use.context.diagnostics
        .error(use.where, fmt::format("weight '{}' would be too large: {}", name, *why))
        .note(use.layer.where, fmt::format("layer '{}' is made here", use.layer.name));
    use.layer.is_poison = true;
    return std::nullopt;
  }
  use.context.at(use.layer.where);
  const Value weight = use.context.build.leaf(Op::weight, WeightAttributes{{name}, initializer},
                                              {Element::real, shape});
  use.context.at(use.where);
  return weight;
}

}  // namespace coil::semantics
