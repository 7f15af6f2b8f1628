#include "compiler/semantics/place.hpp"
#include "compiler/semantics/prelude_text.hpp"
#include "compiler/semantics/program.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/syntax/parse.hpp"

namespace coil::semantics {
namespace {

// The cells that every file has, from their text (prelude.model).
struct Prelude {
  Program program;

  Prelude() {
    auto source = std::make_shared<const SourceFile>("<prelude>", prelude_text);
    Diagnostics diagnostics(*source);
    ast::File& file = program.imported.emplace_back(parse(*source, diagnostics));
    put_in_file(file, SourceRange::built_in);
    FileScope& scope = program.files.emplace_back(FileScope{source, {}});
    declare_cells(program, scope, file, diagnostics);
    require(!diagnostics.has_errors(), "the prelude has mistakes:\n{}", diagnostics.render());
  }
};

}  // namespace

const Program& prelude() {
  static const Prelude loaded;
  return loaded.program;
}

}  // namespace coil::semantics
