#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/text/unknown_policy.hpp"

namespace coil {

inline constexpr std::size_t largest_vocabulary = 65'536;

// The distinct characters (code points) of a text, sorted by code point. A character's index in this
// order is what the model sees.
class Vocabulary {
 public:
  // Of a text to learn. RunError (bad_text) where it is empty, not UTF-8, or has more than
  // largest_vocabulary distinct characters; `name` is the text's, for the message.
  static Vocabulary of_text(std::string_view text, const std::string& name);

  // From an artifact's metadata, as characters() wrote it. RunError (bad_artifact) where it is empty,
  // not UTF-8, not strictly ascending or too long; `path` is the artifact's.
  static Vocabulary from_characters(std::string_view characters, const std::string& path);

  // All characters in order, as UTF-8.
  std::string characters() const;
  std::size_t size() const { return characters_.size(); }
  // `index` < size().
  char32_t at(std::size_t index) const;
  std::optional<std::int32_t> index_of(char32_t character) const;

  // The index of each character of `text`. RunError: bad_text where the policy is `error` and a
  // character is not in the vocabulary, with its line, column and number in the text (from one), or
  // where the text is not UTF-8; usage where the policy's replacement is not in the vocabulary.
  std::vector<std::int32_t> encode(std::string_view text, const std::string& name,
                                   UnknownPolicy unknown = {}) const;

  // Every index must be in [0, size()).
  std::string decode(std::span<const std::int32_t> indices) const;

 private:
  explicit Vocabulary(std::vector<char32_t> characters);

  std::vector<char32_t> characters_;
  std::array<std::int32_t, 256> low_;  // the index of each character below 256, or -1
};

}  // namespace coil
