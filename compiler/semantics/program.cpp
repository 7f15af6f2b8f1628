#include "compiler/semantics/program.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "compiler/semantics/imports.hpp"

namespace coil::semantics {
namespace {

std::string_view word_for(const ast::Declaration& declaration) {
  return std::holds_alternative<ast::Model>(declaration) ? "a model" : "a cell";
}

const ast::Identifier* name_of(const ast::Declaration& declaration) {
  if (const auto* model = std::get_if<ast::Model>(&declaration)) return &model->name;
  if (const auto* cell = std::get_if<ast::Cell>(&declaration)) return &cell->name;
  return nullptr;
}

void check_parameters(const ast::Cell& cell, Diagnostics& diagnostics) {
  std::unordered_map<std::string, SourceRange> known;
  for (const ast::Parameter& parameter : cell.parameters) {
    const ast::Identifier& name = parameter.name;
    if (name.name == "stateful") {
      diagnostics.error(name.where, "every cell has the parameter 'stateful' already");
    }
    const auto [other, is_new] = known.try_emplace(name.name, name.where);
    if (is_new) continue;
    diagnostics.error(name.where, fmt::format("parameter '{}' is defined twice", name.name))
        .note(other->second, "first defined here");
  }
}

// Two models of one name are the chooser's to report.
void check_names(const ast::File& file, Diagnostics& diagnostics) {
  std::unordered_map<std::string, const ast::Declaration*> known;
  for (const ast::Declaration& declaration : file.declarations) {
    const ast::Identifier* name = name_of(declaration);
    if (!name) continue;
    const auto [other, is_new] = known.try_emplace(name->name, &declaration);
    const bool models = std::holds_alternative<ast::Model>(declaration) &&
                        std::holds_alternative<ast::Model>(*other->second);
    if (is_new || models) continue;
    diagnostics
        .error(name->where, fmt::format("'{}' is {} already; choose another name", name->name,
                                        word_for(*other->second)))
        .note(name_of(*other->second)->where, "first defined here");
  }
}

}  // namespace

void declare_cells(Program& program, FileScope& scope, const ast::File& file,
                   Diagnostics& diagnostics) {
  check_names(file, diagnostics);
  for (const ast::Declaration& declaration : file.declarations) {
    const auto* cell = std::get_if<ast::Cell>(&declaration);
    if (!cell || scope.cells.contains(cell->name.name)) continue;
    check_parameters(*cell, diagnostics);
    program.cells.push_back({cell, &scope, inspect(*cell)});
    scope.cells.emplace(cell->name.name, &program.cells.back());
  }
}

void load_program(Program& program, const ast::File& file, Diagnostics& diagnostics) {
  FileScope& scope = program.files.emplace_back();
  declare_cells(program, scope, file, diagnostics);
  load_imports(program, scope, file, diagnostics);
}

const CellDeclaration* find_cell(const FileScope& file, const std::string& name) {
  if (const auto own = file.cells.find(name); own != file.cells.end()) return own->second;
  const FileScope& built_in = prelude().main();
  const auto found = built_in.cells.find(name);
  return found == built_in.cells.end() ? nullptr : found->second;
}

std::vector<std::string> cell_names(const FileScope& file) {
  std::vector<std::string> names;
  for (const auto& [name, cell] : file.cells) names.push_back(name);
  for (const auto& [name, cell] : prelude().main().cells) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace coil::semantics
