#pragma once

// The cells that a file can use: its own, those it imports, and the prelude's.

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/semantics/code_info.hpp"
#include "compiler/source/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"

namespace coil::semantics {

struct FileScope;

struct CellDeclaration {
  const ast::Cell* cell = nullptr;
  const FileScope* file = nullptr;  // where its names are looked up
  CodeInfo info;
  mutable std::int64_t cost =
      -1;  // of a step, in nodes; found when first asked for (expansion.hpp)

  const std::string& name() const { return cell->name.name; }
};

struct FileScope {
  std::shared_ptr<const SourceFile> source;  // of an imported file or the prelude
  std::unordered_map<std::string, const CellDeclaration*> cells;
};

// A file and everything it imports. The ast of the file must outlive it.
struct Program {
  std::deque<FileScope> files;  // the main file first
  std::deque<CellDeclaration> cells;
  std::deque<ast::File> imported;

  const FileScope& main() const { return files.front(); }
};

// Finds the cells and loads the imports. Mistakes go to `diagnostics`.
void load_program(Program& program, const ast::File& file, Diagnostics& diagnostics);

// The cells that a file declares, into its scope.
void declare_cells(Program& program, FileScope& scope, const ast::File& file,
                   Diagnostics& diagnostics);

// The file's own cell or the prelude's; null where there is none of that name.
const CellDeclaration* find_cell(const FileScope& file, const std::string& name);
std::vector<std::string> cell_names(const FileScope& file);

const Program& prelude();

}  // namespace coil::semantics
