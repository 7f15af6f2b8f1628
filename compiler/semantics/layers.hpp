#pragma once

// Layers: their kinds in a table, and how one is made, applied and shares its weights. A kind is built in,
// or it is a cell.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"
#include "compiler/semantics/elaborate.hpp"
#include "compiler/semantics/meaning.hpp"
#include "compiler/syntax/ast.hpp"

namespace coil::semantics {

struct Context;
struct LayerUse;
struct CellInstance;

// What a layer kind is told: a size, a rate from 0 to 1, or one of some names.
struct LayerParameter {
  enum class Takes : std::uint8_t { number_of, rate };

  std::string name;
  std::vector<std::string> choices;  // empty: a number
  std::optional<ParameterValue> fallback;
  Takes takes = Takes::number_of;
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

// One layer of a model or a cell. Its weights are made at the first application and used by all.
struct Layer {
  struct FirstUse {
    Type input;
    SourceRange where;
  };

  Layer();
  ~Layer();

  std::string name;                 // with that of the layer it is in: "mingru.z"
  std::string kind_name;            // as the text calls it
  const LayerKind* kind = nullptr;  // one of these two where there is no mistake
  std::unique_ptr<CellInstance> cell;
  SourceRange where;                      // its name, or the stage that made it
  std::vector<ParameterValue> arguments;  // one per parameter of its kind
  std::vector<Value> weights;
  std::optional<FirstUse> first_use;
  bool is_poison = false;  // a mistake in it was reported
  bool is_listed = false;  // in the graph's summary
};

struct LayerUse {
  Context& context;
  Layer& layer;
  const Meaning& input;
  Value value;        // the input's
  SourceRange where;  // the application

  std::int64_t size(const std::string& parameter) const;
  double rate(const std::string& parameter) const;
  const std::string& choice(const std::string& parameter) const;
};

// A layer of that kind and those arguments; poison where there is a mistake in them.
Layer& make_layer(Context& context, const std::string& name, SourceRange where,
                  const ast::Identifier& kind, const std::vector<ast::Argument>& arguments);

// The layer of `|> dense(8)`: made when the stage is first met, and used again where it stands in a loop.
Layer& layer_of_stage(Context& context, const ast::Stage& stage);

// Whether a name stands for a kind of layer: built in, or a cell.
bool is_layer_kind(const Context& context, const std::string& name);

// "dense(units, activation = none)"; empty for a name that is no kind.
std::string usage_of_kind(Context& context, const std::string& name);

// Of a value, or of each step of a sequence. Cells alone may take several inputs.
Meaning apply_layer(Context& context, Layer& layer, std::span<const Meaning> inputs,
                    SourceRange where);

// The weight `layer.suffix`, placed where the layer is; reports a shape past the limits.
std::optional<Value> make_weight(LayerUse& use, const std::string& suffix, const Shape& shape,
                                 Initializer initializer);

}  // namespace coil::semantics
