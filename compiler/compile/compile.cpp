#include "compiler/compile/compile.hpp"

namespace coil {

std::optional<Compiled> compile(const SourceFile& file, const CompileOptions& options,
                                Diagnostics& diagnostics, Runner& runner) {
  const ast::File ast = parse(file, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  auto flat = elaborate(ast, options.model, options.definitions, diagnostics);
  if (!flat || diagnostics.has_errors()) return std::nullopt;
  Compiled compiled;
  compiled.parameters = effective_parameters(ast, options.model, options.definitions, diagnostics);
  compiled.canonical = runner.canonicalise(*flat);
  compiled.flat = std::move(*flat);
  return compiled;
}

}  // namespace coil
