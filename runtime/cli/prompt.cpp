#include "runtime/cli/prompt.hpp"

#include <unistd.h>

#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/text/corpus.hpp"

namespace coil::cli {
namespace {

std::string without_ends(std::string text) {
  constexpr const char* byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.erase(0, 3);
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

void add_prompt(App& app, PromptSource& source) {
  auto* text = app.add_option("-p,--prompt", source.text, "the text to go on from");
  text->type_name("TEXT");
  app.add_option("-f,--file", source.file,
                 "the same from a file, without the newline at its very end; -, and where neither "
                 "is given, is standard input")
      ->excludes(text)
      ->type_name("FILE");
}

std::string read_prompt(const PromptSource& source, bool may_be_missing) {
  if (source.text) return *source.text;
  if (!source.file.empty()) return without_ends(read_file(source.file, largest_corpus_bytes));
  if (may_be_missing) return "";
  if (::isatty(STDIN_FILENO) == 1)
    fail(ExitCode::usage, "say what to go on from: -p TEXT or -f FILE");
  return without_ends(read_file("-", largest_corpus_bytes));
}

}  // namespace coil::cli
