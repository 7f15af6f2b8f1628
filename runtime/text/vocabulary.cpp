#include "runtime/text/vocabulary.hpp"

#include <algorithm>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/text/corpus.hpp"
#include "runtime/text/letter_case.hpp"

namespace coil {

namespace {

constexpr std::size_t code_points = 0x110000;

std::int32_t index_from(std::ptrdiff_t position) { return static_cast<std::int32_t>(position); }

// "; its lower case 'a' is known": the likeliest reason that a letter is not.
std::string lower_case_hint(const Vocabulary& vocabulary, char32_t character) {
  std::string letter;
  append_utf8(letter, character);
  const std::string lower = lower_case(letter);
  std::size_t at = 0;
  const auto lowered = decode_utf8(lower, at);
  if (*lowered == character || !vocabulary.index_of(*lowered)) return "";
  return fmt::format("its lower case {} is known; ", describe_character(*lowered));
}

// Counts characters, lines and columns from one, as an editor does.
struct TextPosition {
  std::size_t character = 1;
  std::size_t line = 1;
  std::size_t column = 1;

  void pass(char32_t passed) {
    ++character;
    ++column;
    if (passed == U'\n') {
      ++line;
      column = 1;
    }
  }
};

[[noreturn]] void refuse_unknown(const Vocabulary& vocabulary, char32_t character,
                                 const TextPosition& at, const std::string& name) {
  fail(
      ExitCode::bad_text,
      "{}:{}:{}: character {} of the text, {}, is not among the {} of the vocabulary; {}change the "
      "text or use --unknown=skip or --unknown=replace:<c>",
      printable(name, 200), at.line, at.column, at.character, describe_character(character),
      vocabulary.size(), lower_case_hint(vocabulary, character));
}

}  // namespace

Vocabulary::Vocabulary(std::vector<char32_t> characters) : characters_(std::move(characters)) {
  low_.fill(-1);
  for (std::size_t i = 0; i < characters_.size() && characters_[i] < low_.size(); ++i) {
    low_[characters_[i]] = static_cast<std::int32_t>(i);
  }
}

Vocabulary Vocabulary::of_text(std::string_view text, const std::string& name) {
  require_utf8(text, name);
  if (text.empty()) fail(ExitCode::bad_text, "{}: no characters to learn", printable(name, 200));
  std::vector<bool> seen(code_points);
  char32_t largest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t character = *decode_utf8(text, at);
    seen[character] = true;
    largest = std::max(largest, character);
  }

  const auto distinct = static_cast<std::size_t>(std::ranges::count(seen, true));
  if (distinct > largest_vocabulary) {
    fail(ExitCode::bad_text, "{}: {} distinct characters, more than the {} a vocabulary may have",
         printable(name, 200), distinct, largest_vocabulary);
  }
  std::vector<char32_t> characters;
  characters.reserve(distinct);
  for (char32_t c = 0; c <= largest; ++c) {
    if (seen[c]) characters.push_back(c);
  }
  return Vocabulary(std::move(characters));
}

Vocabulary Vocabulary::from_characters(std::string_view text, const std::string& path) {
  const auto refuse = [&path](const std::string& problem) {
    fail(ExitCode::bad_artifact, "{}: its vocabulary {}", printable(path, 200), problem);
  };
  if (text.empty()) refuse("is empty");
  std::vector<char32_t> characters;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const auto character = decode_utf8(text, at);
    if (!character) refuse(fmt::format("is not UTF-8 at byte {}", start));
    if (!characters.empty() && *character <= characters.back()) {
      refuse(fmt::format("is not in ascending order: {} after {}", describe_character(*character),
                         describe_character(characters.back())));
    }
    if (characters.size() == largest_vocabulary) {
      refuse(fmt::format("has more than {} characters", largest_vocabulary));
    }
    characters.push_back(*character);
  }
  return Vocabulary(std::move(characters));
}

std::string Vocabulary::characters() const {
  std::string out;
  for (const char32_t character : characters_) append_utf8(out, character);
  return out;
}

char32_t Vocabulary::at(std::size_t index) const {
  require(index < size(), "index {} lies in a vocabulary of {}", index, size());
  return characters_[index];
}

std::optional<std::int32_t> Vocabulary::index_of(char32_t character) const {
  if (character < low_.size()) {
    return low_[character] < 0 ? std::nullopt : std::optional(low_[character]);
  }
  const auto found = std::ranges::lower_bound(characters_, character);
  if (found == characters_.end() || *found != character) return std::nullopt;
  return index_from(found - characters_.begin());
}

std::vector<std::int32_t> Vocabulary::encode(std::string_view text, const std::string& name,
                                             UnknownPolicy unknown) const {
  using Kind = UnknownPolicy::Kind;
  const auto replacement = index_of(unknown.replacement);
  if (unknown.kind == Kind::replace && !replacement) {
    fail(ExitCode::usage,
         "--unknown=replace: {} is not in the vocabulary either; choose one that is",
         describe_character(unknown.replacement));
  }
  require_utf8(text, name);
  std::vector<std::int32_t> indices;
  indices.reserve(text.size());
  TextPosition position;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t character = *decode_utf8(text, at);
    if (const auto index = index_of(character)) {
      indices.push_back(*index);
    } else if (unknown.kind == Kind::replace) {
      indices.push_back(*replacement);
    } else if (unknown.kind == Kind::error) {
      refuse_unknown(*this, character, position, name);
    }
    position.pass(character);
  }
  return indices;
}

std::string Vocabulary::decode(std::span<const std::int32_t> indices) const {
  std::string out;
  for (const std::int32_t index : indices) append_utf8(out, at(static_cast<std::size_t>(index)));
  return out;
}

}  // namespace coil
