#include "compiler/source/excerpt.hpp"

#include <catch2/catch.hpp>

using coil::located;
using coil::SourceFile;
using coil::SourceRange;
using coil::word_at;

TEST_CASE("the word at a place") {
  const SourceFile file("f.model", "h = mix_2(é + 0.5)\n\ttanh(x)");
  const auto text = [&](std::uint32_t line, std::uint32_t column) {
    return std::string(file.text(word_at(file, {line, column})));
  };
  CHECK(text(1, 1) == "h");
  CHECK(text(1, 5) == "mix_2");
  CHECK(text(1, 7) == "x_2");
  CHECK(text(1, 10) == "(");
  CHECK(text(1, 11) == "é");
  CHECK(text(1, 13) == "+");
  CHECK(text(1, 15) == "0");
  CHECK(text(2, 2) == "tanh");
  CHECK(text(2, 8) == ")");
  CHECK(word_at(file, {2, 9}) == SourceRange{28, 28});    // just past the end
  CHECK(word_at(file, {2, 900}) == SourceRange{28, 28});  // no further
  CHECK_FALSE(word_at(file, {3, 1}).is_somewhere());
  CHECK_FALSE(word_at(file, {0, 0}).is_somewhere());
  CHECK_FALSE(word_at(file, {1, 0}).is_somewhere());
}

TEST_CASE("a message at a place") {
  const SourceFile file("f.model", "one\n  two three\n");
  CHECK(located(file, {2, 7}, "not rolled: no") ==
        "f.model:2:7: not rolled: no\n"
        "      two three\n"
        "          ^~~~~\n");
  CHECK(located(file, {}, "nothing rolled") == "f.model: nothing rolled\n");
  CHECK(located(file, {9, 1}, "past the end") == "f.model: past the end\n");
}
