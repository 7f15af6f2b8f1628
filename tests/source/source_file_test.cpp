#include "compiler/source/source_file.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/utf8.hpp"

using coil::LineColumn;
using coil::SourceFile;
using coil::SourceRange;

namespace {

// What locate means, counted character by character from the start of the text.
LineColumn count_to(const std::string& text, std::size_t offset) {
  LineColumn at{1, 1};
  for (std::size_t i = 0; i < text.size();) {
    std::size_t next = i;
    if (!coil::decode_utf8(text, next)) next = i + 1;
    const bool line_end = text[i] == '\n';
    const bool in_line_end = text.compare(i, 2, "\r\n") == 0;
    if (offset <= i) return at;
    if (line_end) {
      at = {at.line + 1, 1};
    } else if (!in_line_end) {
      ++at.column;
    }
    i = next;
  }
  return at;
}

rc::Gen<std::string> any_text() {
  const auto piece =
      rc::gen::element<std::string>("a", "b", " ", "\t", "\n", "\r\n", "\r", "é", "−", "😀", "\xff",
                                    "\xc3", "\x80", std::string(1, '\0'));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const auto& pieces) {
    std::string text;
    for (const std::string& one : pieces) text += one;
    return text;
  });
}

bool is_character_start(const std::string& text, std::size_t offset) {
  std::size_t at = 0;
  while (at < offset) {
    if (!coil::decode_utf8(text, at)) ++at;
  }
  return at == offset;
}

}  // namespace

TEST_CASE("locate counts lines and columns from one") {
  const SourceFile file("f", "ab\ncd\r\n\nx");
  CHECK(file.locate(0) == LineColumn{1, 1});
  CHECK(file.locate(1) == LineColumn{1, 2});
  CHECK(file.locate(2) == LineColumn{1, 3});  // the line end itself
  CHECK(file.locate(3) == LineColumn{2, 1});
  CHECK(file.locate(5) == LineColumn{2, 3});
  CHECK(file.locate(6) == LineColumn{2, 3});  // between \r and \n: still the end of the line
  CHECK(file.locate(7) == LineColumn{3, 1});
  CHECK(file.locate(8) == LineColumn{4, 1});
  CHECK(file.locate(9) == LineColumn{4, 2});
}

TEST_CASE("locate counts code points, and each broken byte as one") {
  const SourceFile file("f", "é−😀x\xff\xfey");
  CHECK(file.locate(2) == LineColumn{1, 2});
  CHECK(file.locate(5) == LineColumn{1, 3});
  CHECK(file.locate(9) == LineColumn{1, 4});
  CHECK(file.locate(10) == LineColumn{1, 5});
  CHECK(file.locate(12) == LineColumn{1, 7});
}

TEST_CASE("locate past the text is its end") {
  CHECK(SourceFile("f", "ab").locate(100) == LineColumn{1, 3});
  CHECK(SourceFile("f", "").locate(0) == LineColumn{1, 1});
  CHECK(SourceFile("f", "ab\n").locate(3) == LineColumn{2, 1});
}

TEST_CASE("locate agrees with counting from the start") {
  CHECK(rc::check("locate", [] {
    const std::string text = *any_text();
    const SourceFile file("f", text);
    for (std::size_t offset = 0; offset <= text.size(); ++offset) {
      if (!is_character_start(text, offset)) continue;
      const LineColumn at = file.locate(static_cast<std::uint32_t>(offset));
      const LineColumn counted = count_to(text, offset);
      RC_ASSERT(at.line == counted.line);
      RC_ASSERT(at.column == counted.column);
    }
  }));
}

TEST_CASE("the lines, joined, are the text without its line ends") {
  CHECK(rc::check("lines", [] {
    const std::string text = *any_text();
    const SourceFile file("f", text);
    std::string joined, expected;
    for (std::uint32_t line = 1; line <= file.line_count(); ++line) {
      RC_ASSERT(file.line(line).find('\n') == std::string_view::npos);
      joined += file.line(line);
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\n' && text.compare(i, 2, "\r\n") != 0) expected += text[i];
    }
    RC_ASSERT(joined == expected);
  }));
}

TEST_CASE("a line stands without its line end") {
  const SourceFile file("f", "ab\r\ncd\n");
  CHECK(file.line_count() == 3);
  CHECK(file.line(1) == "ab");
  CHECK(file.line(2) == "cd");
  CHECK(file.line(3).empty());
  CHECK_THROWS_AS(file.line(0), coil::InternalError);
  CHECK_THROWS_AS(file.line(4), coil::InternalError);
}

TEST_CASE("text of a range") {
  const SourceFile file("f", "hello");
  CHECK(file.text({1, 3}) == "el");
  CHECK(file.text({5, 5}).empty());
  CHECK(file.text({}).empty());
  CHECK_THROWS_AS(file.text({3, 6}), coil::InternalError);
  CHECK_THROWS_AS(file.text({3, 2}), coil::InternalError);
}

TEST_CASE("join spans two ranges, and nowhere adds nothing") {
  CHECK(coil::join({1, 3}, {5, 8}) == SourceRange{1, 8});
  CHECK(coil::join({}, {5, 8}) == SourceRange{5, 8});
  CHECK(coil::join({1, 3}, {}) == SourceRange{1, 3});
  CHECK_FALSE(coil::join({}, {}).is_somewhere());
}
