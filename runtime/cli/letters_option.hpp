#pragma once

#include <string>

#include "runtime/cli/choices.hpp"
#include "runtime/text/corpus.hpp"

namespace coil::cli {

// --case: how a text's letters are read.
inline Option* add_letters(App& app, std::string& target) {
  return add_choice(app, "--case", target, {"lower", "as-written"},
                    "read the text's letters in lower case, or as they are")
      ->default_str("lower");
}

inline LetterCase letters_of(const std::string& word) {
  return word == "as-written" ? LetterCase::as_written : LetterCase::lower;
}

}  // namespace coil::cli
