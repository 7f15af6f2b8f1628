#include "runtime/cli/model_source.hpp"

#include <array>
#include <filesystem>
#include <fstream>

#include "compiler/graph/forms.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/guard.hpp"

namespace coil::cli {
namespace {

void report(const Diagnostics& diagnostics) {
  fmt::print(stderr, "{}", diagnostics.render());
  if (diagnostics.has_errors()) throw Reported{ExitCode::bad_text};
}

Definition parse_definition(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    fail(ExitCode::usage, "-D {}: expected name=value, as in -D hidden=512", printable(text));
  return {text.substr(0, equals), text.substr(equals + 1)};
}

OpenedModel open_text(const ModelSource& source, Runner& runner) {
  CompileOptions options;
  options.model = source.model;
  for (const std::string& text : source.definitions)
    options.definitions.push_back(parse_definition(text));
  OpenedModel opened;
  const SourceFile& file = opened.text.emplace(load_source(source.path));
  Diagnostics diagnostics(file);
  auto compiled = compile(file, options, diagnostics, runner);
  report(diagnostics);
  require(compiled.has_value(), "a file without errors compiles");
  opened.compiled = std::move(*compiled);
  return opened;
}

void refuse_parameters(const ModelSource& source) {
  const char* option = !source.model.empty() ? "-m" : !source.definitions.empty() ? "-D" : nullptr;
  if (option)
    fail(ExitCode::usage, "{} chooses what a .model file is compiled to; {} is compiled already",
         option, printable(source.path, 200));
}

std::string why_derived(const Graph& graph) {
  std::string why;
  if (!is_flat(graph) && !(is_canonical(graph, &why) && is_model(graph, &why))) return why;
  if (const auto strange = strange_output(graph))
    return fmt::format("it has the gradient or update of '{}'", *strange);
  return "";
}

Graph graph_from_file(const std::string& path) {
  return graph_from_text(read_file(path, largest_source_bytes), path);
}

OpenedModel open_graph(const ModelSource& source, Runner& runner) {
  OpenedModel opened;
  opened.kind = FileKind::graph;
  opened.compiled.flat = graph_from_file(source.path);
  opened.derived = why_derived(opened.compiled.flat);
  const bool is_to_be_rolled = opened.derived.empty() && is_flat(opened.compiled.flat);
  opened.compiled.canonical =
      is_to_be_rolled ? runner.canonicalise(opened.compiled.flat) : opened.compiled.flat;
  return opened;
}

OpenedModel open_artifact(const ModelSource& source) {
  OpenedModel opened;
  opened.kind = FileKind::artifact;
  opened.artifact = load_model(source.path);
  opened.compiled = {opened.artifact->graph, opened.artifact->graph, opened.artifact->parameters};
  return opened;
}

}  // namespace

void add_model_source(App& app, ModelSource& source) {
  app.add_option("MODEL", source.path, "a .model text or a .coil artifact")
      ->required()
      ->type_name("");
  app.add_option("-m,--model", source.model, "the model's name, where the file has several")
      ->type_name("NAME");
  app.add_option("-D", source.definitions, "set a parameter of the model, as in -D hidden=512")
      ->type_name("NAME=VALUE")
      ->repeatable();
}

// A safetensors header: its length in 8 bytes, little-endian, then an opening brace; Coil's own begins
// with its metadata, sorted by key.
bool looks_like_artifact(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::array<char, 256> bytes{};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  const std::string_view start(bytes.data(), static_cast<std::size_t>(file.gcount()));
  return start.size() > 8 && start.substr(8).starts_with("{\"__metadata__\":") &&
         start.find("\"coil.format\"") != std::string_view::npos;
}

FileKind kind_of(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension();
  if (extension == ".coil") return FileKind::artifact;
  if (extension == ".yaml" || extension == ".yml") return FileKind::graph;
  if (extension == ".model") return FileKind::text;
  return looks_like_artifact(path) ? FileKind::artifact : FileKind::text;
}

OpenedModel open(const ModelSource& source, Runner& runner) {
  const FileKind kind = kind_of(source.path);
  if (kind == FileKind::text) return open_text(source, runner);
  refuse_parameters(source);
  return kind == FileKind::graph ? open_graph(source, runner) : open_artifact(source);
}

Graph read_graph(const ModelSource& source) {
  Runner runner;
  if (kind_of(source.path) != FileKind::graph) return open(source, runner).compiled.flat;
  refuse_parameters(source);
  return graph_from_file(source.path);
}

Model to_model(OpenedModel opened) {
  if (opened.artifact) return std::move(*opened.artifact);
  return Model::from(std::move(opened.compiled));
}

Model open_model(const ModelSource& source) {
  Runner runner;
  OpenedModel opened = open(source, runner);
  if (!opened.derived.empty())
    fail(ExitCode::usage, "{} is an entry derived from a model, not a model: {}",
         printable(source.path, 200), opened.derived);
  return to_model(std::move(opened));
}

std::string ast_text(const std::string& path) {
  const SourceFile file = load_source(path);
  Diagnostics diagnostics(file);
  const ast::File ast = parse(file, diagnostics);
  report(diagnostics);
  return print_ast(ast, file);
}

}  // namespace coil::cli
