#include "runtime/text/corpus.hpp"

#include <algorithm>

#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/text/letter_case.hpp"

namespace coil {

void require_utf8(std::string_view text, const std::string& path) {
  const std::size_t at = find_invalid_utf8(text);
  if (at == text.npos) return;
  const auto line = 1 + std::ranges::count(text.substr(0, at), '\n');
  fail(ExitCode::bad_text,
       "{}:{}: not UTF-8 at byte {} (0x{:02X}); convert it, for example with iconv -t UTF-8",
       printable(path, 200), line, at, static_cast<unsigned char>(text[at]));
}

std::string corpus_from_bytes(std::string bytes, const std::string& path, LetterCase letters) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  require_utf8(bytes, path);
  if (bytes.starts_with(byte_order_mark)) bytes.erase(0, byte_order_mark.size());
  if (bytes.empty()) {
    fail(ExitCode::bad_text, "{}: the text is empty; give one to learn from", printable(path, 200));
  }
  return letters == LetterCase::lower ? lower_case(bytes) : bytes;
}

std::string read_corpus(const std::string& path, LetterCase letters) {
  return corpus_from_bytes(read_file(path, largest_corpus_bytes), path, letters);
}

}  // namespace coil
