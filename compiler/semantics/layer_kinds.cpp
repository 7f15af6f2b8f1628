// The kinds of layers. To add one: a row below, and its function above.

#include <array>
#include <fmt/format.h>

#include "compiler/semantics/messages.hpp"
#include "compiler/semantics/values.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil::semantics {
namespace {

// ---- embedding: embedding(i) = embeddings[i]

bool takes_index(LayerUse& use) {
  if (use.context.build.type(use.value).element == Element::index) return true;
  Diagnostic& diagnostic = use.context.diagnostics.error(
      use.input.where, fmt::format("layer '{}' looks up an index, and this is {}", use.layer.name,
                                   describe(use.context.graph, use.input)));
  note_origin(use.context, diagnostic, use.input);
  return false;
}

// Every value that the index may take has a row.
bool covers(LayerUse& use) {
  const std::int64_t bound = index_bound(use.context.graph, use.value);
  const std::int64_t rows = use.size("input_dim");
  if (bound <= rows) return true;
  Diagnostic& diagnostic = use.context.diagnostics.error(
      use.input.where,
      fmt::format("layer '{}' has {} rows, fewer than the {} values of {}", use.layer.name, rows,
                  bound, describe(use.context.graph, use.input)));
  note_origin(use.context, diagnostic, use.input);
  diagnostic.note(use.layer.where,
                  fmt::format("layer '{}' gets its {} rows here", use.layer.name, rows));
  return false;
}

std::optional<Value> apply_embedding(LayerUse& use) {
  if (!takes_index(use) || !covers(use)) return std::nullopt;
  if (use.layer.weights.empty()) {
    const auto table =
        make_weight(use, "embeddings", {{use.size("input_dim"), use.size("output_dim")}},
                    {InitializerKind::uniform, 0.05});
    if (!table) return std::nullopt;
    use.layer.weights = {*table};
  }
  return use.context.build.add(Op::gather, {use.layer.weights[0], use.value});
}

// ---- dense: activation(x @ kernel + bias)

struct ActivationRow {
  std::string_view name;
  std::optional<Op> op;
};

// Keras's names.
constexpr std::array<ActivationRow, 8> activations = {{{"none", std::nullopt},
                                                       {"linear", std::nullopt},
                                                       {"relu", Op::relu},
                                                       {"tanh", Op::tanh},
                                                       {"sigmoid", Op::sigmoid},
                                                       {"hard_sigmoid", Op::hard_sigmoid},
                                                       {"softmax", Op::softmax},
                                                       {"exponential", Op::exp}}};

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  names.reserve(activations.size());
  for (const ActivationRow& row : activations) names.emplace_back(row.name);
  return names;
}

Value activate(Builder& build, const std::string& name, Value x) {
  for (const ActivationRow& row : activations) {
    if (row.name == name) return row.op ? build.add(*row.op, {x}) : x;
  }
  throw InternalError("an activation must be one of the table");
}

bool takes_real(LayerUse& use) {
  const std::string what = fmt::format("layer '{}'", use.layer.name);
  return as_real(use.context, use.input, what) &&
         has_width(use.context, use.input, use.value, what);
}

// Later inputs are as wide as the first, which gave the kernel its rows.
bool has_first_width(LayerUse& use) {
  const auto& first = use.layer.first_use;
  if (!first || first->input.shape.last() == use.context.build.type(use.value).shape.last()) {
    return true;
  }
  const std::int64_t width = first->input.shape.last();
  Diagnostic& diagnostic = use.context.diagnostics.error(
      use.input.where, fmt::format("layer '{}' takes real[{}] since its first use, and this is {}",
                                   use.layer.name, width, describe(use.context.graph, use.input)));
  diagnostic.note(first->where, fmt::format("first used here, on real[{}]", width));
  note_origin(use.context, diagnostic, use.input);
  return false;
}

bool make_dense_weights(LayerUse& use) {
  const std::int64_t units = use.size("units");
  const std::int64_t width = use.context.build.type(use.value).shape.last();
  const auto kernel =
      make_weight(use, "kernel", {{width, units}}, {InitializerKind::glorot_uniform, 0});
  if (!kernel) return false;
  const auto bias = make_weight(use, "bias", {{units}}, {InitializerKind::zeros, 0});
  use.layer.weights = {*kernel, *bias};
  return true;
}

// A value of several dimensions may hold more after the layer than before.
bool result_fits(LayerUse& use) {
  Shape shape = use.context.build.type(use.value).shape;
  shape.dims.back() = use.size("units");
  const auto why = why_too_large(shape);
  if (!why) return true;
  use.context.diagnostics.error(
      use.where,
      fmt::format("the result of layer '{}' would be too large: {}", use.layer.name, *why));
  return false;
}

std::optional<Value> apply_dense(LayerUse& use) {
  if (!takes_real(use) || !has_first_width(use) || !result_fits(use)) return std::nullopt;
  if (use.layer.weights.empty() && !make_dense_weights(use)) return std::nullopt;
  Builder& build = use.context.build;
  const Value product =
      build.add(Op::matmul, {use.value, use.layer.weights[0]}, MatmulAttributes{});
  const Value sum = build.add(Op::add, {product, use.layer.weights[1]});
  return activate(build, use.choice("activation"), sum);
}

// ---- dropout: dropout(x) = x, but in training, where a share `rate` of it is zero

// Its place among the layers of its kind: masks of two layers are two.
std::int64_t number_of(const LayerUse& use) {
  std::int64_t number = 0;
  for (const Layer& layer : use.context.layers) {
    if (&layer == &use.layer) break;
    number += layer.kind == use.layer.kind ? 1 : 0;
  }
  return number;
}

std::optional<Value> apply_dropout(LayerUse& use) {
  if (!as_real(use.context, use.input, fmt::format("layer '{}'", use.layer.name))) {
    return std::nullopt;
  }
  if (use.rate("rate") == 0) return use.value;
  use.context.at(use.where);
  return use.context.build.add(Op::dropout, {use.value},
                               DropoutAttributes{use.rate("rate"), number_of(use)});
}

}  // namespace

const std::vector<LayerKind>& layer_kinds() {
  static const std::vector<LayerKind> kinds = {
      {"embedding", {{"input_dim", {}, {}}, {"output_dim", {}, {}}}, apply_embedding},
      {"dense", {{"units", {}, {}}, {"activation", activation_names(), "none"}}, apply_dense},
      {"dropout", {{"rate", {}, {}, LayerParameter::Takes::rate}}, apply_dropout},
  };
  return kinds;
}

}  // namespace coil::semantics
