#include "compiler/source/diagnostic.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "compiler/source/excerpt.hpp"
#include "compiler/source/utf8.hpp"

namespace coil {

namespace {

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  return "error";
}

// "further errors are not shown" where some were left out; `shown` is as many as are kept.
void append_dropped(std::string& out, const SourceFile& file, std::string_view what,
                    std::size_t shown) {
  out += fmt::format("{}: note: these are the first {} {}; further {} are not shown\n",
                     printable(file.name(), 200), shown, what, what);
}

}  // namespace

Diagnostic& Diagnostic::note(SourceRange at, std::string text) {
  notes.push_back({Severity::note, at, std::move(text), {}});
  return *this;
}

Diagnostics::Diagnostics(const SourceFile& file, std::size_t limit) : file_(&file), limit_(limit) {}

Diagnostic& Diagnostics::record(Severity severity, SourceRange where, std::string message) {
  std::size_t& count = severity == Severity::error ? errors_ : warnings_;
  Diagnostic diagnostic{severity, where, std::move(message), {}};
  if (count++ >= limit_) return overflow_ = std::move(diagnostic);
  return all_.emplace_back(std::move(diagnostic));
}

Diagnostic& Diagnostics::error(SourceRange where, std::string message) {
  return record(Severity::error, where, std::move(message));
}

Diagnostic& Diagnostics::warning(SourceRange where, std::string message) {
  return record(Severity::warning, where, std::move(message));
}

std::uint32_t Diagnostics::add_file(std::shared_ptr<const SourceFile> file) {
  imported_.push_back(std::move(file));
  return static_cast<std::uint32_t>(imported_.size());
}

void Diagnostics::absorb(const Diagnostics& other, std::uint32_t file) {
  for (const Diagnostic& found : other.all()) {
    Diagnostic& copy = record(found.severity, found.where, found.message);
    copy.where.file = file;
    for (const Diagnostic& note : found.notes) {
      copy.note({note.where.begin, note.where.end, file}, note.message);
    }
  }
}

void Diagnostics::append(std::string& out, const Diagnostic& diagnostic) const {
  const std::uint32_t number = diagnostic.where.file;
  if (number == SourceRange::built_in) return;
  const SourceFile& file = number == SourceRange::main_file ? *file_ : *imported_.at(number - 1);
  const std::string_view severity = name_of(diagnostic.severity);
  const std::string name = printable(file.name(), 200);
  if (diagnostic.where.is_somewhere()) {
    const LineColumn at = file.locate(clip_to_line(file, diagnostic.where).begin);
    out +=
        fmt::format("{}:{}:{}: {}: {}\n", name, at.line, at.column, severity, diagnostic.message);
    out += excerpt(file, diagnostic.where);
  } else {
    out += fmt::format("{}: {}: {}\n", name, severity, diagnostic.message);
  }
  for (const Diagnostic& note : diagnostic.notes) append(out, note);
}

std::string Diagnostics::render() const {
  std::vector<const Diagnostic*> sorted;
  std::transform(all_.begin(), all_.end(), std::back_inserter(sorted),
                 [](const Diagnostic& diagnostic) { return &diagnostic; });
  std::stable_sort(sorted.begin(), sorted.end(), [](const Diagnostic* a, const Diagnostic* b) {
    return std::pair(a->where.file, a->where.begin) < std::pair(b->where.file, b->where.begin);
  });
  std::string out;
  for (const Diagnostic* diagnostic : sorted) append(out, *diagnostic);
  if (errors_ > limit_) append_dropped(out, *file_, "errors", limit_);
  if (warnings_ > limit_) append_dropped(out, *file_, "warnings", limit_);
  return out;
}

}  // namespace coil
