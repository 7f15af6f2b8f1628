#include "compiler/semantics/elaborate.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/semantics/arithmetic.hpp"
#include "compiler/semantics/context.hpp"
#include "compiler/semantics/memories.hpp"
#include "compiler/semantics/parameters.hpp"
#include "compiler/semantics/statements.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/suggest.hpp"

namespace coil {
namespace {

using semantics::Binding;
using semantics::BindingKind;
using semantics::Context;

std::vector<const ast::Model*> models_of(const ast::File& file) {
  std::vector<const ast::Model*> models;
  models.reserve(file.declarations.size());
  for (const ast::Declaration& declaration : file.declarations) {
    if (const auto* model = std::get_if<ast::Model>(&declaration)) models.push_back(model);
  }
  return models;
}

std::vector<std::string> names_of(const std::vector<const ast::Model*>& models) {
  std::vector<std::string> names;
  names.reserve(models.size());
  for (const ast::Model* model : models) names.push_back(model->name.name);
  return names;
}

void report_duplicates(const std::vector<const ast::Model*>& models, Diagnostics& diagnostics) {
  std::unordered_map<std::string, SourceRange> first;
  for (const ast::Model* model : models) {
    const ast::Identifier& name = model->name;
    const auto [other, is_new] = first.try_emplace(name.name, name.where);
    if (is_new) continue;
    diagnostics.error(name.where, fmt::format("model '{}' is defined twice", name.name))
        .note(other->second, "first defined here");
  }
}

const ast::Model& choose(const std::vector<const ast::Model*>& models, const std::string& name,
                         const std::string& file) {
  const std::vector<std::string> names = names_of(models);
  if (name.empty() && models.size() == 1) return *models.front();
  if (name.empty()) {
    fail(ExitCode::usage, "{} has {} models, {}; say which one is meant", file, models.size(),
         fmt::join(names, ", "));
  }
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    fail(ExitCode::usage, "{} has no model '{}' (it has {}){}", file, name, fmt::join(names, ", "),
         did_you_mean(name, names));
  }
  return *models[static_cast<std::size_t>(found - names.begin())];
}

// Null where there is no model to elaborate; that was reported.
const ast::Model* select(const ast::File& file, const std::string& name, Diagnostics& diagnostics) {
  const std::vector<const ast::Model*> models = models_of(file);
  if (models.empty()) {
    diagnostics.error({0, 0}, "there is no model here; write one: model Name(size = 8) { ... }");
    return nullptr;
  }
  report_duplicates(models, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  return &choose(models, name, diagnostics.file().name());
}

void report_missing(Context& context, const ast::Model& model) {
  const std::string& name = model.name.name;
  if (!context.has_input) {
    context.diagnostics.error(model.name.where,
                              fmt::format("model '{}' has no input; add a line such as 'input x: "
                                          "real[8]'",
                                          name));
  }
  if (!context.has_output) {
    context.diagnostics.error(
        model.name.where,
        fmt::format("model '{}' has no output; add a line such as 'output h'", name));
  }
}

// Only for models without errors: what a mistaken line would have used is not known.
void warn_of_unused(Context& context) {
  if (context.diagnostics.has_errors()) return;
  for (const std::string& name : context.scope().names()) {
    const Binding& binding = *context.scope().find(name);
    if (binding.used) continue;
    if (binding.kind == BindingKind::layer) {
      context.diagnostics.warning(binding.where, fmt::format("layer '{}' is never applied", name));
    } else if (binding.kind == BindingKind::weight) {
      context.diagnostics.warning(binding.where, fmt::format("weight '{}' is never used", name));
    } else if (binding.kind == BindingKind::input) {
      context.diagnostics.warning(binding.where, fmt::format("input '{}' is never used", name));
    }
  }
}

}  // namespace

std::string to_string(const ParameterValue& value) {
  if (const auto* name = std::get_if<std::string>(&value)) return *name;
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return semantics::to_string(*integer);
  return semantics::to_string(std::get<double>(value));
}

std::optional<Graph> elaborate(const ast::File& file, const std::string& model_name,
                               const std::vector<Definition>& definitions,
                               Diagnostics& diagnostics) {
  const ast::Model* model = select(file, model_name, diagnostics);
  if (!model) return std::nullopt;
  semantics::Program program;
  semantics::load_program(program, file, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  Context context(diagnostics, program, *model);
  try {
    elaborate_parameters(context, *model, definitions);
    elaborate_statements(context, model->statements);
  } catch (const semantics::TooLarge&) {
    return std::nullopt;
  }
  report_missing(context, *model);
  warn_of_unused(context);
  output_states(context);
  if (diagnostics.has_errors()) return std::nullopt;
  return std::move(context.graph);
}

std::vector<EffectiveParameter> effective_parameters(const ast::File& file,
                                                     const std::string& model_name,
                                                     const std::vector<Definition>& definitions,
                                                     Diagnostics& diagnostics) {
  const ast::Model* model = select(file, model_name, diagnostics);
  if (!model) return {};
  semantics::Program program;  // parameters need no cells
  program.files.emplace_back();
  Context context(diagnostics, program, *model);
  return elaborate_parameters(context, *model, definitions);
}

}  // namespace coil
