#pragma once

// From what a .model file says to the typed, flat graph that it means: names are looked up, sizes
// computed and checked, layers given their weights.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/graph/graph.hpp"
#include "compiler/source/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"

namespace coil {

// An integer, a real, or a name that stands for itself (`relu`).
using ParameterValue = std::variant<std::int64_t, double, std::string>;
std::string to_string(const ParameterValue& value);  // as the language writes it

// What `-D name=value` says, not yet understood.
struct Definition {
  std::string name;
  std::string value;
};

struct EffectiveParameter {
  std::string name;
  ParameterValue value;
  bool operator==(const EffectiveParameter&) const = default;
};

// The graph of the model called `model_name`; of the only one where the name is empty. Every mistake in
// the text goes to `diagnostics`, and there is a graph exactly where there was none. RunError (usage)
// where the name names no model or is needed and missing, or where a definition does not fit the
// model's parameters. The file must have been parsed without errors.
std::optional<Graph> elaborate(const ast::File& file, const std::string& model_name,
                               const std::vector<Definition>& definitions,
                               Diagnostics& diagnostics);

// What the model's parameters come to, in the order of the text. For files that elaborate; errors are
// those of `elaborate`.
std::vector<EffectiveParameter> effective_parameters(const ast::File& file,
                                                     const std::string& model_name,
                                                     const std::vector<Definition>& definitions,
                                                     Diagnostics& diagnostics);

}  // namespace coil
