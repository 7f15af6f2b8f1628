#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "compiler/graph/builder.hpp"
#include "compiler/semantics/layers.hpp"
#include "compiler/semantics/scope.hpp"
#include "compiler/source/diagnostic.hpp"

namespace coil::semantics {

// Everything that elaborating one model works on.
struct Context {
  Context(Diagnostics& to, const ast::Model& model) : diagnostics(to), names(names_of(model)) {
    graph.name = model.name.name;
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // Nodes built from now on come from here.
  void at(SourceRange where) {
    const LineColumn found = diagnostics.file().locate(where.begin);
    build.at({found.line, found.column});
  }

  Diagnostics& diagnostics;
  NamesOfModel names;
  Graph graph;
  Builder build{graph};
  Scope scope;
  std::deque<Layer> layers;                                      // bindings point into it
  std::unordered_map<std::string, std::int64_t> unnamed_layers;  // made so far, by kind
  std::int64_t inputs = 0;
  bool has_input = false;  // also one with mistakes in it
  bool has_output = false;
};

}  // namespace coil::semantics
