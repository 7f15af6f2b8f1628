#include "compiler/semantics/layers.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/semantics/arguments.hpp"
#include "compiler/semantics/cells.hpp"
#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/sequences.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/suggest.hpp"

namespace coil::semantics {
namespace {

std::string to_usage(const LayerParameter& parameter) {
  if (!parameter.fallback) return parameter.name;
  return fmt::format("{} = {}", parameter.name, coil::to_string(*parameter.fallback));
}

void report_unknown_kind(Context& context, const ast::Identifier& kind) {
  std::vector<std::string> kinds = cell_names(*context.frame->file);
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

// What Keras calls a layer without a name, `dense`, `dense_1`, ...; names the person took are left out.
std::string unnamed_layer(Context& context, const std::string& kind) {
  std::int64_t& made = context.frame->unnamed_layers[kind];
  for (;;) {
    const std::string name = made == 0 ? kind : fmt::format("{}_{}", kind, made);
    ++made;
    if (!context.names().contains(name)) return name;
  }
}

// For the summary, which has the layers of the model and not those inside of them.
void list_layer(Context& context, Layer& layer, const Meaning& result) {
  if (layer.is_listed || context.frame != &context.model_frame || result.is_poison()) return;
  layer.is_listed = true;
  context.graph.layers.push_back({layer.name, layer.kind_name, shape_of(context, result)});
}

bool takes_values(Context& context, const Layer& layer, const Meaning& input) {
  if (input.is_poison()) return false;
  if (input.value() || input.sequence()) return true;
  context.diagnostics.error(input.where, fmt::format("layer '{}' takes a value, and this is {}",
                                                     layer.name, describe(context.graph, input)));
  return false;
}

Meaning apply_to_value(Context& context, Layer& layer, const Meaning& input, SourceRange where) {
  context.at(where);
  LayerUse use{context, layer, input, *input.value(), where};
  const std::optional<Value> result = layer.kind->apply(use);
  if (!result) return poison(where);
  if (!layer.first_use) layer.first_use = {context.build.type(use.value), use.where};
  return {*result, where, {OriginKind::layer, layer.name, layer.where}};
}

Meaning apply_kind(Context& context, Layer& layer, std::span<const Meaning> inputs,
                   SourceRange where) {
  constexpr std::int64_t nodes = 3;  // a product, a bias and an activation
  if (inputs.size() != 1) {
    context.diagnostics
        .error(where,
               fmt::format("layer '{0}' is applied to one value, and here to {1}: write {0}(x)",
                           layer.name, inputs.size()))
        .note(layer.where, fmt::format("layer '{}' is defined here", layer.name));
    return poison(where);
  }
  const std::string what = fmt::format("layer '{}'", layer.name);
  Meaning result =
      per_step(context, {what, nodes, where}, inputs, [&](std::span<const Meaning> step) {
        return apply_to_value(context, layer, step[0], where);
      });
  result.origin = {OriginKind::layer, layer.name, layer.where};
  return result;
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

double LayerUse::rate(const std::string& parameter) const {
  return std::get<double>(argument(layer, parameter));
}

const std::string& LayerUse::choice(const std::string& parameter) const {
  return std::get<std::string>(argument(layer, parameter));
}

Layer::Layer() = default;
Layer::~Layer() = default;

Layer& make_layer(Context& context, const std::string& name, SourceRange where,
                  const ast::Identifier& kind, const std::vector<ast::Argument>& arguments) {
  Layer& layer = context.layers.emplace_back();
  layer.name = context.frame->prefix + name;
  layer.kind_name = kind.name;
  layer.where = where;
  layer.is_poison = true;
  if (const CellDeclaration* cell = find_cell(*context.frame->file, kind.name)) {
    layer.cell = make_cell(context, *cell, layer.name, kind.where, arguments);
    layer.is_poison = !layer.cell;
    return layer;
  }
  layer.kind = find_layer_kind(kind.name);
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

Layer& layer_of_stage(Context& context, const ast::Stage& stage) {
  Layer*& layer = context.frame->stage_layers[&stage];
  if (!layer) {
    layer = &make_layer(context, unnamed_layer(context, stage.callee.name), stage.where,
                        stage.callee, stage.arguments);
    return *layer;
  }
  if (layer->is_poison || same_arguments(context, *layer, stage.callee.where, stage.arguments)) {
    return *layer;
  }
  context.diagnostics.error(
      stage.where,
      fmt::format("'{}' stands for one layer, whose weights every step shares, and its "
                  "arguments change from step to step",
                  stage.callee.name));
  layer->is_poison = true;
  return *layer;
}

bool is_layer_kind(const Context& context, const std::string& name) {
  return find_cell(*context.frame->file, name) || find_layer_kind(name);
}

std::string usage_of_kind(Context& context, const std::string& name) {
  if (const CellDeclaration* cell = find_cell(*context.frame->file, name))
    return usage(context, *cell);
  const LayerKind* kind = find_layer_kind(name);
  return kind ? usage(*kind) : "";
}

Meaning apply_layer(Context& context, Layer& layer, std::span<const Meaning> inputs,
                    SourceRange where) {
  bool ok = !layer.is_poison;
  for (const Meaning& input : inputs) {
    if (!takes_values(context, layer, input)) ok = false;
  }
  if (!ok) return poison(where);
  Meaning result = layer.cell ? apply_cell(context, layer, inputs, where)
                              : apply_kind(context, layer, inputs, where);
  list_layer(context, layer, result);
  return result;
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
