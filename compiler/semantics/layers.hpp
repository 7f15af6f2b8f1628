#pragma once

// Layers: their kinds in a table, and how one is made, applied and shares its weights.

#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"
#include "compiler/semantics/elaborate.hpp"
#include "compiler/semantics/meaning.hpp"
#include "compiler/syntax/ast.hpp"

namespace coil::semantics {

struct Context;
struct LayerUse;

// What a layer kind is told: a size, or one of some names.
struct LayerParameter {
  std::string name;
  std::vector<std::string> choices;  // empty: a size
  std::optional<ParameterValue> fallback;
};

// One row of the table of kinds. `apply` checks the input, makes the weights the first time, and adds
// the layer's nodes; it reports what does not fit and then gives nothing.
struct LayerKind {
  std::string name;
  std::vector<LayerParameter> parameters;
  std::optional<Value> (*apply)(LayerUse& use);
};

const std::vector<LayerKind>& layer_kinds();
const LayerKind* find_layer_kind(const std::string& name);

// "dense(units, activation = none)"
std::string usage(const LayerKind& kind);

// Whether a name is among the choices of some layer, and so stands for itself.
bool is_choice(const std::string& name);
std::vector<std::string> all_choices();

// One layer of a model. Its weights are made at the first application and used by all.
struct Layer {
  struct FirstUse {
    Type input;
    SourceRange where;
  };

  std::string name;
  const LayerKind* kind = nullptr;
  SourceRange where;                      // its name, or the stage that made it
  std::vector<ParameterValue> arguments;  // one per parameter of its kind
  std::vector<Value> weights;
  std::optional<FirstUse> first_use;
  bool is_poison = false;  // a mistake in it was reported
};

struct LayerUse {
  Context& context;
  Layer& layer;
  const Meaning& input;
  Value value;        // the input's
  SourceRange where;  // the application

  std::int64_t size(const std::string& parameter) const;
  const std::string& choice(const std::string& parameter) const;
};

// A layer of `maker`'s kind and arguments; poison where there is a mistake in them.
Layer& make_layer(Context& context, const std::string& name, SourceRange where,
                  const ast::Identifier& kind, const std::vector<ast::Argument>& arguments);

// What Keras calls a layer without a name, `dense`, `dense_1`, ...; names the person took are left out.
std::string unnamed_layer(Context& context, const std::string& kind);

Meaning apply_layer(Context& context, Layer& layer, const Meaning& input, SourceRange where);

// The weight `layer.suffix`, placed where the layer is; reports a shape past the limits.
std::optional<Value> make_weight(LayerUse& use, const std::string& suffix, const Shape& shape,
                                 Initializer initializer);

}  // namespace coil::semantics
