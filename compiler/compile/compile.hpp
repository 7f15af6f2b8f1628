#pragma once

// The straight line from text to canonical graph, for commands and embedders.

#include <optional>
#include <string>
#include <vector>

#include "compiler/passes/runner.hpp"
#include "compiler/semantics/elaborate.hpp"
#include "compiler/syntax/parse.hpp"

namespace coil {

struct CompileOptions {
  std::string model;                    // empty: the file's only one
  std::vector<Definition> definitions;  // -D name=value
};

struct Compiled {
  Graph flat;
  Graph canonical;
  std::vector<EffectiveParameter> parameters;
};

// Parses, elaborates and canonicalises. What is wrong with the text goes to `diagnostics`; there is a result
// exactly where there were no errors. `runner` runs the passes (and stops early if told to: then
// `canonical` is the graph as far as it came). RunError (usage) for a wrong definition or model name.
std::optional<Compiled> compile(const SourceFile& file, const CompileOptions& options,
                                Diagnostics& diagnostics, Runner& runner);

}  // namespace coil
