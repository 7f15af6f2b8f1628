#include "runtime/text/vocabulary.hpp"

#include <fmt/format.h>
#include <rapidcheck.h>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/utf8.hpp"

#include "tests/text/support.hpp"

namespace coil {

namespace {

// The 57 characters of the reference's corpus, lower-cased.
const std::string alphabet =
    "\n !\"'(),-.0123456789:;=?[]_abcdefghijklmnopqrstuvwxyz"
    "äæéë";

using Indices = std::vector<std::int32_t>;

Vocabulary vocabulary_of(std::string_view text) { return Vocabulary::of_text(text, "t.txt"); }

void refuses_characters(std::string_view characters, std::string_view part) {
  check_fails(ExitCode::bad_artifact, part,
              [&] { Vocabulary::from_characters(characters, "m.coil"); });
}

UnknownPolicy replace_by(char32_t character) { return {UnknownPolicy::Kind::replace, character}; }

const UnknownPolicy skip = {UnknownPolicy::Kind::skip, 0};

}  // namespace

TEST_CASE("a vocabulary is the distinct characters in the order of their code points") {
  const Vocabulary vocabulary = vocabulary_of("banana, é\n");
  CHECK(vocabulary.characters() == "\n ,abné");
  CHECK(vocabulary.size() == 7);
  CHECK(vocabulary.at(0) == U'\n');
  CHECK(vocabulary.at(6) == U'é');
  CHECK(vocabulary.index_of(U'a') == 3);
  CHECK(vocabulary.index_of(U'é') == 6);
  CHECK_FALSE(vocabulary.index_of(U'c').has_value());
  CHECK_FALSE(vocabulary.index_of(U'ê').has_value());
  CHECK_FALSE(vocabulary.index_of(U'\U0001D11E').has_value());
  CHECK_FALSE(vocabulary.index_of(0).has_value());
  CHECK_THROWS_AS(vocabulary.at(7), InternalError);
}

TEST_CASE("the reference's alphabet has 57 characters") {
  const Vocabulary vocabulary = vocabulary_of("zyx" + alphabet + alphabet);
  CHECK(vocabulary.size() == 57);
  CHECK(vocabulary.characters() == alphabet);
  CHECK(vocabulary.index_of(U'\n') == 0);
  CHECK(vocabulary.index_of(U'a') == 27);
  CHECK(vocabulary.index_of(U'z') == 52);
  CHECK(vocabulary.index_of(U'ä') == 53);
  CHECK(vocabulary.index_of(U'ë') == 56);
  CHECK(vocabulary.encode("for thos", "-p") == Indices{32, 41, 44, 1, 46, 34, 41, 45});
}

TEST_CASE("a vocabulary comes back from its characters") {
  const Vocabulary vocabulary = Vocabulary::from_characters(alphabet, "m.coil");
  CHECK(vocabulary.characters() == alphabet);
  CHECK(vocabulary.size() == 57);
  CHECK(Vocabulary::from_characters("x", "m.coil").size() == 1);
  CHECK(Vocabulary::from_characters(std::string(1, '\0'), "m.coil").at(0) == 0);
}

TEST_CASE("characters that are no vocabulary are refused") {
  refuses_characters("", "m.coil: its vocabulary is empty");
  refuses_characters("aa", "not in ascending order: 'a' after 'a'");
  refuses_characters(
      "abd\xC3\xA9"
      "e",
      "not in ascending order: 'e' after");
  refuses_characters("ab\xFF", "not UTF-8 at byte 2");
  refuses_characters("ab\xC3", "not UTF-8 at byte 2");
}

TEST_CASE("a vocabulary has at most 65,536 characters") {
  std::string text;
  const char32_t first = 0x10000;
  for (char32_t c = 0; c < largest_vocabulary; ++c) append_utf8(text, first + c);
  CHECK(Vocabulary::from_characters(text, "m.coil").size() == largest_vocabulary);
  CHECK(vocabulary_of(text).size() == largest_vocabulary);
  append_utf8(text, first + static_cast<char32_t>(largest_vocabulary));
  refuses_characters(text, "more than 65536 characters");
  check_fails(ExitCode::bad_text, "65537 distinct characters", [&] { vocabulary_of(text); });
}

TEST_CASE("a text without characters or UTF-8 has no vocabulary") {
  check_fails(ExitCode::bad_text, "t.txt: no characters", [] { vocabulary_of(""); });
  check_fails(ExitCode::bad_text, "t.txt:1: not UTF-8 at byte 1", [] { vocabulary_of("a\x80"); });
}

TEST_CASE("any text is encoded and decoded with its own vocabulary") {
  const auto holds = [](const std::vector<std::uint16_t>& numbers) {
    std::string text = "a";
    for (const std::uint16_t number : numbers) append_utf8(text, number % 0xD800);
    const Vocabulary vocabulary = vocabulary_of(text);
    const Indices indices = vocabulary.encode(text, "t.txt");
    RC_ASSERT(indices.size() == numbers.size() + 1);
    RC_ASSERT(vocabulary.decode(indices) == text);
    const std::string characters = vocabulary.characters();
    RC_ASSERT(Vocabulary::from_characters(characters, "m").encode(text, "t.txt") == indices);
  };
  CHECK(rc::check(holds));
}

TEST_CASE("an unknown character is named with its place and the way out") {
  const Vocabulary vocabulary = vocabulary_of("abc\n");
  check_fails(
      ExitCode::bad_text,
      "t.txt:2:3: character 6 of the text, U+00E9 'é', is not among the 4 of the vocabulary",
      [&] { vocabulary.encode("ab\nabéc", "t.txt"); });
  check_fails(ExitCode::bad_text, "--unknown=skip or --unknown=replace:<c>",
              [&] { vocabulary.encode("x", "t.txt"); });
  check_fails(ExitCode::bad_text, "t.txt:1:1: character 1",
              [&] { vocabulary.encode("x", "t.txt"); });
  check_fails(ExitCode::bad_text, "its lower case 'a' is known",
              [&] { vocabulary.encode("A", "t.txt"); });
  check_fails(ExitCode::bad_text, "'D', is not among the 4 of the vocabulary; change the text",
              [&] { vocabulary.encode("D", "t.txt"); });
  check_fails(ExitCode::bad_text, "t.txt:1: not UTF-8 at byte 1",
              [&] { vocabulary.encode("a\xFF", "t.txt", skip); });
}

TEST_CASE("unknown characters are skipped or replaced where that is asked for") {
  const Vocabulary vocabulary = vocabulary_of("abc?");
  CHECK(vocabulary.encode("xaébz", "t", skip) == Indices{1, 2});
  CHECK(vocabulary.encode("xaéb", "t", replace_by(U'?')) == Indices{0, 1, 0, 2});
  CHECK(vocabulary.encode("xyz", "t", skip).empty());
  CHECK(vocabulary.encode("", "t").empty());
  check_fails(ExitCode::usage, "'x' is not in the vocabulary either",
              [&] { vocabulary.encode("abc", "t", replace_by(U'x')); });
}

TEST_CASE("an index outside is not decoded") {
  const Vocabulary vocabulary = vocabulary_of("ab");
  CHECK_THROWS_AS(vocabulary.decode(Indices{2}), InternalError);
  CHECK_THROWS_AS(vocabulary.decode(Indices{-1}), InternalError);
}

TEST_CASE("--unknown is error, skip or one character") {
  CHECK(parse_unknown_policy("error") == UnknownPolicy{});
  CHECK(parse_unknown_policy("skip") == skip);
  CHECK(parse_unknown_policy("replace:?") == replace_by(U'?'));
  CHECK(parse_unknown_policy("replace::") == replace_by(U':'));
  CHECK(parse_unknown_policy("replace:é") == replace_by(U'é'));
  CHECK(parse_unknown_policy("replace: ") == replace_by(U' '));
  for (const char* bad : {"", "Skip", "skipp", "replace", "replace=x", "error "}) {
    check_fails(ExitCode::usage, "expected error, skip or replace:<c>",
                [&] { parse_unknown_policy(bad); });
  }
  for (const char* bad : {"replace:", "replace:ab", "replace:\xFF", "replace:\xC3"}) {
    check_fails(ExitCode::usage, "exactly one character", [&] { parse_unknown_policy(bad); });
  }
}

}  // namespace coil
