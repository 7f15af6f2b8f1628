#include "compiler/source/diagnostic.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <sstream>

using namespace std::string_literals;
using coil::Diagnostics;
using coil::SourceFile;
using coil::SourceRange;

namespace {

// One error over `range`, rendered, without its first line.
std::string pointed(const std::string& text, SourceRange range) {
  const SourceFile file("f.model", text);
  Diagnostics diagnostics(file);
  diagnostics.error(range, "wrong");
  const std::string shown = diagnostics.render();
  return shown.substr(shown.find('\n') + 1);
}

std::string header(const std::string& text, SourceRange range) {
  const SourceFile file("f.model", text);
  Diagnostics diagnostics(file);
  diagnostics.error(range, "wrong");
  const std::string shown = diagnostics.render();
  return shown.substr(0, shown.find('\n'));
}

}  // namespace

TEST_CASE("an error, its line, and a caret under the range") {
  const SourceFile file("char3.model", "# text\n  h = mix(enocde(embed(c1)))\n");
  Diagnostics diagnostics(file);
  diagnostics.error({15, 21}, "unknown name 'enocde'; did you mean 'encode'?");
  CHECK(diagnostics.render() ==
        "char3.model:2:9: error: unknown name 'enocde'; did you mean 'encode'?\n"
        "      h = mix(enocde(embed(c1)))\n"
        "            ^~~~~~\n");
}

TEST_CASE("notes follow their error; a warning says so") {
  const SourceFile file("f.model", "one\ntwo\nthree\n");
  Diagnostics diagnostics(file);
  diagnostics.error({4, 7}, "second").note({0, 3}, "from here").note({8, 13}, "and here");
  diagnostics.warning({0, 1}, "first");
  CHECK(diagnostics.render() == R"(f.model:1:1: warning: first
    one
    ^
f.model:2:1: error: second
    two
    ^~~
f.model:1:1: note: from here
    one
    ^~~
f.model:3:1: note: and here
    three
    ^~~~~
)");
}

TEST_CASE("diagnostics come in the order of the text, those at one place as they were made") {
  const SourceFile file("f", "abc");
  Diagnostics diagnostics(file);
  diagnostics.error({}, "nowhere");
  diagnostics.error({2, 3}, "c");
  diagnostics.error({0, 1}, "a, first");
  diagnostics.error({0, 1}, "a, second");
  CHECK(diagnostics.render() ==
        "f:1:1: error: a, first\n    abc\n    ^\n"
        "f:1:1: error: a, second\n    abc\n    ^\n"
        "f:1:3: error: c\n    abc\n      ^\n"
        "f: error: nowhere\n");
}

TEST_CASE("a place at the end of the file is just past the last character") {
  CHECK(header("ab\ncd\n", {6, 6}) == "f.model:2:3: error: wrong");
  CHECK(pointed("ab\ncd\n", {6, 6}) == "    cd\n      ^\n");
  CHECK(pointed("ab\ncd", {5, 5}) == "    cd\n      ^\n");
  CHECK(header("ab\r\n\r\n\n", {7, 7}) == "f.model:1:3: error: wrong");
  CHECK(pointed("ab", {100, 200}) == "    ab\n      ^\n");
  CHECK(pointed("", {0, 0}) == "    \n    ^\n");
  CHECK(pointed("\n", {1, 1}) == "    \n    ^\n");
}

TEST_CASE("a range is clipped to its line") {
  CHECK(pointed("abc def\nghi", {4, 10}) == "    abc def\n        ^~~\n");
  CHECK(pointed("abc\r\nghi", {1, 7}) == "    abc\n     ^~\n");
  CHECK(pointed("abc\nghi", {3, 7}) == "    abc\n       ^\n");
}

TEST_CASE("the caret lines up behind tabs, accents and wide characters") {
  CHECK(pointed("\tx\ty", {3, 4}) == "        x   y\n            ^\n");
  CHECK(pointed("é−x", {5, 6}) == "    é−x\n      ^\n");
  CHECK(pointed("中x", {3, 4}) == "    中x\n      ^\n");
  CHECK(pointed("中x", {0, 3}) == "    中x\n    ^~\n");
  CHECK(pointed("e\u0301x", {3, 4}) == "    e\u0301x\n     ^\n");
}

TEST_CASE("what a terminal would hide is escaped, and the caret still lines up") {
  CHECK(pointed("a\x1b[31mx", {6, 7}) == "    a<U+001B>[31mx\n                 ^\n");
  CHECK(pointed("\xffx", {1, 2}) == "    \\xffx\n        ^\n");
  CHECK(pointed("\u202Ex", {3, 4}) == "    <U+202E>x\n            ^\n");
  CHECK(pointed("a\0x"s, {2, 3}) == "    a<U+0000>x\n             ^\n");
}

TEST_CASE("a long line is cut around the caret") {
  const std::string left(300, 'l'), right(300, 'r');
  CHECK(pointed(left + "X" + right, {300, 301}) == "    ..." + std::string(44, 'l') + "X" +
                                                       std::string(49, 'r') + "...\n" +
                                                       std::string(4 + 3 + 44, ' ') + "^\n");
  CHECK(pointed(left + "X", {300, 301}) ==
        "    ..." + std::string(93, 'l') + "X\n" + std::string(4 + 3 + 93, ' ') + "^\n");
  CHECK(pointed("X" + right, {0, 301}) ==
        "    X" + std::string(93, 'r') + "...\n    ^" + std::string(93, '~') + "\n");
  const std::string exact(100, 'e');
  CHECK(pointed(exact, {99, 100}) == "    " + exact + "\n" + std::string(103, ' ') + "^\n");
}

TEST_CASE("a line of megabytes is cut as quickly") {
  const std::string text(std::size_t{8} << 20, 'x');
  const std::string shown = pointed(text, {1 << 22, (1 << 22) + 5});
  CHECK(shown.size() < 250);
  CHECK(shown.find("^~~~~\n") != std::string::npos);
}

TEST_CASE("past the limit nothing is kept, and one line says so") {
  const SourceFile file("f", "abc");
  Diagnostics diagnostics(file, 2);
  diagnostics.error({0, 1}, "first");
  diagnostics.error({1, 2}, "second");
  CHECK_FALSE(diagnostics.full());
  CHECK(diagnostics.render().find("not shown") == std::string::npos);
  for (int i = 0; i < 1000; ++i) diagnostics.error({2, 3}, "more").note({0, 1}, "a note");
  CHECK(diagnostics.full());
  CHECK(diagnostics.all().size() == 2);
  CHECK(diagnostics.render() ==
        "f:1:1: error: first\n    abc\n    ^\n"
        "f:1:2: error: second\n    abc\n     ^\n"
        "f: note: these are the first 2 errors; further errors are not shown\n");
}

TEST_CASE("imported files come after the main one, and built-in text is never shown") {
  const SourceFile file("main", "abc");
  Diagnostics diagnostics(file);
  const auto other = std::make_shared<const SourceFile>("other", "x\nyz");
  const std::uint32_t number = diagnostics.add_file(other);
  Diagnostics found(*other);
  found.error({2, 3}, "of its own").note({3, 4}, "and a note");
  diagnostics.absorb(found, number);
  diagnostics.error({1, 2}, "here")
      .note({0, 1, number}, "there")
      .note({0, 1, SourceRange::built_in}, "nowhere to be seen");
  CHECK(diagnostics.render() ==
        "main:1:2: error: here\n    abc\n     ^\n"
        "other:1:1: note: there\n    x\n    ^\n"
        "other:2:1: error: of its own\n    yz\n    ^\n"
        "other:2:2: note: and a note\n    yz\n     ^\n");
}

TEST_CASE("warnings are no errors, and have a limit of their own") {
  const SourceFile file("f", "abc");
  Diagnostics diagnostics(file, 1);
  diagnostics.warning({0, 1}, "one");
  diagnostics.warning({0, 1}, "two");
  CHECK_FALSE(diagnostics.has_errors());
  CHECK_FALSE(diagnostics.full());
  diagnostics.error({0, 1}, "kept");
  CHECK(diagnostics.has_errors());
  CHECK(diagnostics.render() ==
        "f:1:1: warning: one\n    abc\n    ^\n"
        "f:1:1: error: kept\n    abc\n    ^\n"
        "f: note: these are the first 1 warnings; further warnings are not shown\n");
}

TEST_CASE("any range in any bytes renders as three lines of bounded width") {
  CHECK(rc::check("render", [](const std::string& text, std::uint32_t begin, std::uint32_t size) {
    begin %= text.size() + 2;
    const std::string shown = pointed(text, {begin, begin + size % 300});
    RC_ASSERT(std::count(shown.begin(), shown.end(), '\n') == 2);
    std::istringstream lines(shown);
    std::string line, caret;
    std::getline(lines, line);
    std::getline(lines, caret);
    RC_ASSERT(caret.find_first_not_of(' ') == caret.find('^'));
    RC_ASSERT(caret.find('^') >= 4u);
    RC_ASSERT(caret.size() <= 105u);  // one more than the line where it points past its end
    RC_ASSERT(std::none_of(line.begin(), line.end(), [](char c) { return c >= 0 && c < ' '; }));
  }));
}
