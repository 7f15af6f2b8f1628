#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "compiler/graph/builder.hpp"
#include "compiler/semantics/expansion.hpp"
#include "compiler/semantics/layers.hpp"
#include "compiler/semantics/program.hpp"
#include "compiler/semantics/reports.hpp"
#include "compiler/semantics/scope.hpp"

namespace coil::semantics {

// What of it is being elaborated.
enum class Part : std::uint8_t { model, cell, step };

// A model, or one layer that was made of a cell: its own names, and the layers of its own.
struct Frame {
  const CodeInfo* info = nullptr;
  const FileScope* file = nullptr;  // where kinds of layers are looked up
  std::string prefix;               // of the names of weights and states: "lstm." in the layer lstm
  Part part = Part::model;
  CellInstance* cell = nullptr;  // of the layer
  Scope scope;
  std::unordered_map<std::string, std::int64_t> unnamed_layers;  // made so far, by kind
  std::unordered_map<const ast::Stage*, Layer*> stage_layers;  // one a stage, however often it runs
};

// The memory of a recurrence.
struct StateSlot {
  std::string name;        // of the leaf
  std::string short_name;  // in the text
  SourceRange where;
  Shape shape;
  Value value;                 // as it is now
  bool outlives_call = false;  // begins as a leaf, and its last value is an update
  bool assigned = false;
};

// Everything that elaborating one model works on.
struct Context {
  Context(Diagnostics& to, const Program& program, const ast::Model& model)
      : diagnostics(to), info(inspect(model)) {
    graph.name = model.name.name;
    model_frame.info = &info;
    model_frame.file = &program.main();
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  Scope& scope() { return frame->scope; }
  const NamesOfCode& names() const { return frame->info->names; }

  // Nodes built from now on come from here.
  void at(SourceRange where) {
    const SourceRange shown = diagnostics.in_main_file(where);
    const LineColumn found = diagnostics.file().locate(shown.begin);
    build.at({found.line, found.column});
  }

  Reports diagnostics;
  CodeInfo info;  // of the model
  Graph graph;
  Builder build{graph};
  Frame model_frame;
  Frame* frame = &model_frame;
  Expansion expansion;
  std::deque<Layer> layers;                     // bindings point into it
  std::deque<StateSlot> states;                 // those too
  std::vector<const CellDeclaration*> running;  // each within the one before
  std::int64_t inputs = 0;
  bool has_input = false;  // also one with mistakes in it
  bool has_output = false;
  std::optional<Meaning>* yielded = nullptr;  // where the step that runs puts its result
};

}  // namespace coil::semantics
