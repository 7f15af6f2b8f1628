#include "compiler/source/utf8.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "compiler/source/internal_error.hpp"

using namespace std::string_literals;

namespace {

bool is_invalid(const std::string& text) {
  std::size_t offset = 0;
  return !coil::decode_utf8(text, offset).has_value() && offset == 0;
}

}  // namespace

TEST_CASE("every scalar value is written and read back") {
  for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    if (code_point == 0xD800) code_point = 0xE000;
    std::string text;
    coil::append_utf8(text, code_point);
    std::size_t offset = 0;
    const auto read = coil::decode_utf8(text, offset);
    if (read != code_point || offset != text.size()) FAIL("U+" << std::hex << +code_point);
  }
}

TEST_CASE("what is no scalar value is not written") {
  std::string text;
  CHECK_THROWS_AS(coil::append_utf8(text, 0xD800), coil::InternalError);
  CHECK_THROWS_AS(coil::append_utf8(text, 0x110000), coil::InternalError);
}

TEST_CASE("malformed bytes are refused") {
  CHECK(is_invalid("\x80"));                  // a continuation alone
  CHECK(is_invalid("\xc3"));                  // cut short
  CHECK(is_invalid("\xe2\x88"));              // cut short
  CHECK(is_invalid("\xf0\x9f\x98"));          // cut short
  CHECK(is_invalid("\xc3("));                 // no continuation
  CHECK(is_invalid("\xc0\x80"));              // overlong
  CHECK(is_invalid("\xe0\x80\x80"));          // overlong
  CHECK(is_invalid("\xf0\x80\x80\x80"));      // overlong
  CHECK(is_invalid("\xed\xa0\x80"));          // a surrogate
  CHECK(is_invalid("\xf4\x90\x80\x80"));      // past U+10FFFF
  CHECK(is_invalid("\xf8\x88\x80\x80\x80"));  // five bytes
  CHECK(is_invalid("\xff"));
  CHECK(is_invalid(""));
}

TEST_CASE("the first malformed byte is found") {
  CHECK(coil::find_invalid_utf8("") == std::string::npos);
  CHECK(coil::find_invalid_utf8("añ−😀") == std::string::npos);
  CHECK(coil::find_invalid_utf8("aé\xff") == 3);
  CHECK(coil::find_invalid_utf8("a\xc3") == 1);
}

TEST_CASE("characters are counted, and malformed bytes by themselves") {
  CHECK(coil::count_characters("") == 0);
  CHECK(coil::count_characters("aé€") == 3);
  CHECK(coil::count_characters("a\xc3") == 2);
  CHECK(coil::count_characters("\xff\xfe€") == 3);
}

TEST_CASE("decoding never stands still and never leaves the text") {
  CHECK(rc::check("decode_utf8", [](const std::string& text) {
    std::size_t offset = 0;
    while (offset < text.size()) {
      const std::size_t before = offset;
      if (!coil::decode_utf8(text, offset)) {
        RC_ASSERT(offset == before);
        ++offset;
      }
      RC_ASSERT(offset > before);
    }
    RC_ASSERT(offset == text.size());
  }));
}

TEST_CASE("characters as a message shows them") {
  CHECK(coil::describe_character('a') == "'a'");
  CHECK(coil::describe_character('\n') == "'\\n'");
  CHECK(coil::describe_character('\t') == "'\\t'");
  CHECK(coil::describe_character(' ') == "' '");
  CHECK(coil::describe_character(0) == "U+0000");
  CHECK(coil::describe_character(0xE9) == "U+00E9 'é'");
  CHECK(coil::describe_character(0x200B) == "U+200B");
  CHECK(coil::describe_character(0x202E) == "U+202E");
  CHECK(coil::describe_character(0x1F600) == "U+1F600 '😀'");
}

TEST_CASE("printable escapes and cuts") {
  CHECK(coil::printable("héllo") == "héllo");
  CHECK(coil::printable("a\x1b[31m\xff") == "a<U+001B>[31m\\xff");
  CHECK(coil::printable("a\0b"s) == "a<U+0000>b");
  CHECK(coil::printable("éééé", 3) == "ééé...");
  CHECK(coil::printable("ééé", 3) == "ééé");
}

TEST_CASE("columns of a character") {
  CHECK(coil::display_width('a') == 1);
  CHECK(coil::display_width(0xE9) == 1);
  CHECK(coil::display_width(0x301) == 0);
  CHECK(coil::display_width(0x4E2D) == 2);
  CHECK(coil::display_width(0x1F600) == 2);
}
