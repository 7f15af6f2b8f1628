#include "runtime/text/corpus.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <stdlib.h>

#include "tests/text/support.hpp"

namespace coil {

namespace {

const std::string byte_order_mark = "\xEF\xBB\xBF";

std::string written(const std::string& bytes) {
  return corpus_from_bytes(bytes, "t.txt", LetterCase::as_written);
}

std::string lowered(const std::string& bytes) {
  return corpus_from_bytes(bytes, "t.txt", LetterCase::lower);
}

void refuses(const std::string& bytes, std::string_view part) {
  check_fails(ExitCode::bad_text, part, [&] { written(bytes); });
}

}  // namespace

TEST_CASE("a text stays as it is written") {
  CHECK(written("Hello,\r\nWorld\n") == "Hello,\r\nWorld\n");
  CHECK(written(std::string("a\0b", 3)) == std::string("a\0b", 3));
  CHECK(written("Æ\U0001D11E") == "Æ\U0001D11E");
}

TEST_CASE("a byte order mark is dropped at the start only") {
  CHECK(written("\xEF\xBB\xBFtext") == "text");
  CHECK(written("te\xEF\xBB\xBFxt") == "te\xEF\xBB\xBFxt");
  CHECK(written("\xEF\xBB\xBF\xEF\xBB\xBFtext") == "\xEF\xBB\xBFtext");
}

TEST_CASE("lower case is asked for, and line ends stay") {
  CHECK(lowered("ÄÆÉË, And\r\nSO on") == "äæéë, and\r\nso on");
  CHECK(written("ÄÆÉË") == "ÄÆÉË");
}

TEST_CASE("an empty text is refused") {
  refuses("", "t.txt: the text is empty");
  refuses("\xEF\xBB\xBF", "t.txt: the text is empty");
}

TEST_CASE("broken UTF-8 is refused at its byte and line") {
  refuses("\xFF", "t.txt:1: not UTF-8 at byte 0 (0xFF)");
  refuses("ab\ncd\n\xC3(", "t.txt:3: not UTF-8 at byte 6 (0xC3)");
  refuses(byte_order_mark + "ab\xFF", "t.txt:1: not UTF-8 at byte 5");
  refuses("\xEF\xBB", "t.txt:1: not UTF-8 at byte 0");
  refuses("caf\xE9", "not UTF-8 at byte 3 (0xE9)");
}

TEST_CASE("a stray byte at any position is refused there") {
  const std::string text = "one\ntwo æ\nthree";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at == 9) continue;  // inside æ: the letter itself is broken then, one byte earlier
    std::string broken = text;
    broken.insert(at, 1, '\xFF');
    refuses(broken, fmt::format("not UTF-8 at byte {} (0xFF)", at));
  }
  refuses(std::string("one\ntwo \xC3\xFF\xA6"), "not UTF-8 at byte 8 (0xC3)");
}

TEST_CASE("a file is read, or the reason given") {
  std::string folder = (std::filesystem::temp_directory_path() / "coil-test-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  std::ofstream(folder + "/t.txt") << byte_order_mark << "Text";
  CHECK(read_corpus(folder + "/t.txt", LetterCase::lower) == "text");
  check_fails(ExitCode::io, "none.txt",
              [&] { read_corpus(folder + "/none.txt", LetterCase::lower); });
  check_fails(ExitCode::io, "folder", [&] { read_corpus(folder, LetterCase::lower); });
  std::filesystem::remove_all(folder);
}

}  // namespace coil
