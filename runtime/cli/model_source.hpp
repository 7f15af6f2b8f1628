#pragma once

// The model that a command line names: a .model text, a graph in text form, or a .coil artifact.

#include <optional>
#include <string>
#include <vector>

#include "runtime/cli/command_line.hpp"
#include "runtime/model/model.hpp"

namespace coil::cli {

struct ModelSource {
  std::string path;
  std::string model;                     // -m
  std::vector<std::string> definitions;  // -D, as written
};

// The argument MODEL and the options -m and -D.
void add_model_source(App& app, ModelSource& source);

enum class FileKind { text, graph, artifact };

// By the extension (.model, .yaml or .yml, .coil); for another one, by whether the file begins as an
// artifact does.
FileKind kind_of(const std::string& path);

// Whether the file is there and begins as an artifact does.
bool looks_like_artifact(const std::string& path);

struct OpenedModel {
  FileKind kind = FileKind::text;
  std::optional<SourceFile> text;  // where it is one
  Compiled compiled;              // `flat` and `canonical` are the same where the file holds either
  std::optional<Model> artifact;  // with its weights
  // Why a graph in text form is past the canonical form (an entry that was derived, say); else empty.
  std::string derived;
};

// Compiles or loads. Diagnostics go to stderr, and Reported is thrown after errors. RunError (usage) where
// -m or -D is given for a file that is compiled already. `runner` may stop early; see compile().
OpenedModel open(const ModelSource& source, Runner& runner);

// The graph as the file gives it, before any pass: flat from a text, canonical from an artifact.
Graph read_graph(const ModelSource& source);

// For the commands that run a model.
Model open_model(const ModelSource& source);
Model to_model(OpenedModel opened);

// The file parsed, with its diagnostics told as above: what `--emit=ast` prints.
std::string ast_text(const std::string& path);

}  // namespace coil::cli
