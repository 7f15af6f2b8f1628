#include "compiler/semantics/reports.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace coil::semantics {

const Application* Reports::visible_application() const {
  const auto found =
      std::find_if(applications_.rbegin(), applications_.rend(),
                   [](const Application& one) { return one.where.file != SourceRange::built_in; });
  return found == applications_.rend() ? nullptr : &*found;
}

SourceRange Reports::in_main_file(SourceRange where) const {
  if (where.file == SourceRange::main_file) return where;
  for (auto one = applications_.rbegin(); one != applications_.rend(); ++one) {
    if (one->where.file == SourceRange::main_file) return one->where;
  }
  return {};
}

Diagnostic& Reports::error(SourceRange where, std::string message) {
  ++errors_;
  const Application* application = visible_application();
  const bool moved = where.file == SourceRange::built_in && application;
  if (moved) {
    message = fmt::format("in cell '{}': {}", application->cell, message);
    where = application->where;
  }
  const bool is_new = reported_.emplace(where.file, where.begin).second;
  // Two mistakes at one place are told apart only where the text is elaborated once, and is the place's own.
  if (!is_new && (repeats_ > 0 || moved)) return repeated_ = Diagnostic{};
  Diagnostic& diagnostic = diagnostics_.error(where, std::move(message));
  if (application && !moved && application->where != where) {
    diagnostic.note(application->where,
                    fmt::format("cell '{}' is applied here", application->cell));
  }
  return diagnostic;
}

Diagnostic& Reports::warning(SourceRange where, std::string message) {
  return diagnostics_.warning(where, std::move(message));
}

}  // namespace coil::semantics
