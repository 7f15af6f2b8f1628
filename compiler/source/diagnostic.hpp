#pragma once

// Errors come in three kinds, for three audiences:
//   Diagnostics  the person's text is wrong. Collected, so that one run reports every mistake.
//   InternalError  Coil is wrong: a check that must hold did not. (internal_error.hpp)
//   RunError  the machine, a file or an argument is wrong. (run_error.hpp)

#include <memory>
#include <string>
#include <vector>

#include "compiler/source/source_file.hpp"

namespace coil {

enum class Severity { error, warning, note };

// One message at one place. Notes hang below an error ("the other shape came from here").
struct Diagnostic {
  Severity severity = Severity::error;
  SourceRange where;
  std::string message;
  std::vector<Diagnostic> notes;

  // Returns itself, so that notes can be added in a row.
  Diagnostic& note(SourceRange at, std::string text);
};

// Collects what is wrong with one file and those that it imports. Stops recording at `limit` errors and at `limit` warnings (and
// says so once), so that a hostile file cannot fill the memory with messages. `file` must outlive it.
class Diagnostics {
 public:
  explicit Diagnostics(const SourceFile& file, std::size_t limit = 20);

  // Returns the stored diagnostic, so that notes can be added: error(...).note(...). The reference
  // holds until the next error or warning.
  Diagnostic& error(SourceRange where, std::string message);
  Diagnostic& warning(SourceRange where, std::string message);

  bool has_errors() const { return errors_ > 0; }
  // Whether an error was already left out: whoever looks for more may stop.
  bool full() const { return errors_ > limit_; }
  const std::vector<Diagnostic>& all() const { return all_; }
  const SourceFile& file() const { return *file_; }

  // A file that the first one imports: the number that ranges in it carry.
  std::uint32_t add_file(std::shared_ptr<const SourceFile> file);
  // What was found in such a file by itself.
  void absorb(const Diagnostics& other, std::uint32_t file);

  // Every diagnostic, sorted by file and place, notes in built-in text left out, each as
  //   char3.model:12:9: error: message
  //       h = mix(enocde(embed(c1)))
  //               ^~~~~~
  // Control characters and broken UTF-8 in the source line are shown as escapes; a long line is
  // cut around the caret. A diagnostic that is nowhere has neither line:column nor source line, and
  // comes last.
  std::string render() const;

 private:
  Diagnostic& record(Severity severity, SourceRange where, std::string message);
  void append(std::string& out, const Diagnostic& diagnostic) const;

  const SourceFile* file_;
  std::vector<std::shared_ptr<const SourceFile>> imported_;
  std::size_t limit_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
  std::vector<Diagnostic> all_;
  Diagnostic overflow_;  // takes what is past the limit
};

}  // namespace coil
