#include "compiler/semantics/imports.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/semantics/place.hpp"
#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/suggest.hpp"
#include "compiler/source/utf8.hpp"
#include "compiler/syntax/parse.hpp"

namespace coil::semantics {
namespace {

namespace fs = std::filesystem;

// A file of one program may be many, but not a heap made to exhaust.
constexpr std::size_t most_files = 256;
constexpr std::size_t deepest_import = 32;

// A file being loaded or loaded.
struct Loaded {
  FileScope* scope = nullptr;
  bool is_open = false;  // its own imports are being loaded
};

class Importer {
 public:
  Importer(Program& program, Diagnostics& diagnostics)
      : program_(program), diagnostics_(diagnostics) {
    const fs::path main = diagnostics.file().name();
    shown_root_ = main.parent_path();
    std::error_code error;
    root_ = fs::weakly_canonical(shown_root_.empty() ? fs::path(".") : shown_root_, error);
    const fs::path self = fs::weakly_canonical(main, error);
    loaded_[self.string()] = {&program.files.front(), true};
    chain_.push_back({self, main.filename()});
  }

  void load(FileScope& scope, const ast::File& file) {
    for (const ast::Declaration& declaration : file.declarations) {
      const auto* import = std::get_if<ast::Import>(&declaration);
      if (!import) continue;
      if (FileScope* from = open(*import)) take(scope, *import, *from);
    }
  }

 private:
  struct Link {
    fs::path canonical;
    fs::path from_root;  // as messages show it
  };

  FileScope* refuse(const ast::Import& import, const std::string& why) {
    diagnostics_.error(import.path_where, fmt::format("cannot import from '{}': {}",
                                                      printable(import.path, 200), why));
    return nullptr;
  }

  // Whether the path, or what it leads to through links, is in the folder of the main file.
  bool is_inside(const fs::path& path) const {
    const auto [end, _] = std::mismatch(root_.begin(), root_.end(), path.begin(), path.end());
    return end == root_.end();
  }

  FileScope* open(const ast::Import& import) {
    const fs::path written = import.path;
    if (import.path.empty() || import.path.find('\0') != std::string::npos)
      return refuse(import, "it is no path");
    if (written.is_absolute())
      return refuse(import, "the path must be relative to the file that imports");
    const fs::path from_root = (chain_.back().from_root.parent_path() / written).lexically_normal();
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(root_ / from_root, error);
    if (error || from_root.empty() || *from_root.begin() == ".." || !is_inside(canonical))
      return refuse(import, "it leads out of the folder of the file that is compiled");
    const auto known = loaded_.find(canonical.string());
    if (known == loaded_.end()) return load_file(import, canonical, from_root);
    return known->second.is_open ? refuse_circle(import, canonical) : known->second.scope;
  }

  FileScope* refuse_circle(const ast::Import& import, const fs::path& again) {
    auto link = std::find_if(chain_.begin(), chain_.end(),
                             [&](const Link& one) { return one.canonical == again; });
    const std::string first = link->from_root.string();
    std::string circle;
    for (; link != chain_.end(); ++link) circle += link->from_root.string() + " -> ";
    return refuse(import, "the imports go in a circle: " + circle + first);
  }

  FileScope* load_file(const ast::Import& import, const fs::path& canonical,
                       const fs::path& from_root) {
    if (program_.files.size() >= most_files)
      return refuse(import, fmt::format("more than {} files", most_files));
    if (chain_.size() >= deepest_import)
      return refuse(import, fmt::format("imports are more than {} deep", deepest_import));
    std::shared_ptr<const SourceFile> source;
    try {
      const SourceFile read = load_source(canonical.string());
      source = std::make_shared<const SourceFile>((shown_root_ / from_root).string(),
                                                  std::string(read.text()));
    } catch (const RunError&) {
      std::error_code error;
      const bool exists = fs::exists(canonical, error);
      return refuse(import, exists ? "the file cannot be read" : "there is no such file");
    }
    return parse_file(std::move(source), canonical, from_root);
  }

  // A file with mistakes has its cells in scope all the same, so that only those are reported.
  FileScope* parse_file(std::shared_ptr<const SourceFile> source, const fs::path& canonical,
                        const fs::path& from_root) {
    const std::uint32_t number = diagnostics_.add_file(source);
    Diagnostics found(*source);
    ast::File& file = program_.imported.emplace_back(parse(*source, found));
    put_in_file(file, number);
    diagnostics_.absorb(found, number);
    FileScope& scope = program_.files.emplace_back(FileScope{source, {}});
    declare_cells(program_, scope, file, diagnostics_);
    loaded_[canonical.string()] = {&scope, true};
    chain_.push_back({canonical, from_root});
    load(scope, file);
    chain_.pop_back();
    loaded_[canonical.string()].is_open = false;
    return &scope;
  }

  // The named cells, into the scope of the file that imports.
  void take(FileScope& scope, const ast::Import& import, const FileScope& from) {
    for (const ast::Identifier& name : import.names) {
      const auto found = from.cells.find(name.name);
      if (found == from.cells.end()) {
        report_missing(import, name, from);
        continue;
      }
      const auto [other, is_new] = scope.cells.try_emplace(name.name, found->second);
      if (is_new || other->second == found->second) continue;
      diagnostics_
          .error(name.where, fmt::format("'{}' is a cell already; only one of the two can have the "
                                         "name",
                                         name.name))
          .note(other->second->cell->name.where, "first defined here");
    }
  }

  void report_missing(const ast::Import& import, const ast::Identifier& name,
                      const FileScope& from) {
    std::vector<std::string> names;
    for (const auto& [cell, declaration] : from.cells) names.push_back(cell);
    std::sort(names.begin(), names.end());
    const std::string has =
        names.empty() ? "it has none" : fmt::format("it has {}", fmt::join(names, ", "));
    diagnostics_.error(name.where,
                       fmt::format("'{}' has no cell '{}' ({}){}", printable(import.path, 200),
                                   name.name, has, did_you_mean(name.name, names)));
  }

  Program& program_;
  Diagnostics& diagnostics_;
  fs::path root_;            // canonical
  fs::path shown_root_;      // as the person wrote it
  std::vector<Link> chain_;  // the files being loaded, each imported by the one before
  std::unordered_map<std::string, Loaded> loaded_;  // by canonical path
};

}  // namespace

void load_imports(Program& program, FileScope& scope, const ast::File& file,
                  Diagnostics& diagnostics) {
  Importer(program, diagnostics).load(scope, file);
}

}  // namespace coil::semantics
