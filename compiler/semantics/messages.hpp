#pragma once

// What messages have in common: how types are shown, and where a shape came from.

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

// A value's type as the language writes it, without the batch: real[256], index(57).
std::string describe(const Graph& graph, Value value);
std::string describe(const Type& type);

// Of an index: values lie below it.
std::int64_t index_bound(const Graph& graph, Value value);

// What an expression is, for "... and this is X": real[256], the number 3, the name 'relu'.
std::string describe(const Graph& graph, const Meaning& meaning);

// Adds "'h' is real[256], defined here" below a message, unless it or a note stands there already.
void note_origin(Context& context, Diagnostic& diagnostic, const Meaning& meaning);

// Reports that `name` stands for nothing here, and what may have been meant.
Meaning unknown_name(Context& context, const std::string& name, SourceRange where);

// "; did you mean ...?" among everything that may stand in an expression. Empty once messages are no
// longer recorded, so that a hostile file cannot buy a search per line.
std::string suggestion(Context& context, const std::string& name);

}  // namespace coil::semantics
