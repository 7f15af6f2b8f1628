#pragma once

// The words that cannot be names, in one table.

#include <string>
#include <string_view>
#include <vector>

namespace coil {

enum class KeywordRole {
  declaration,        // starts a declaration of the file
  statement,          // starts a statement of a model
  later_declaration,  // will; this version refuses it by name
  later_statement,    // will; this version refuses it by name
  reserved,           // part of a later construct, never its start
};

struct Keyword {
  std::string_view word;
  KeywordRole role;
  std::string_view later;  // what a later version has and this one has not: "loops"

  bool starts_declaration() const;
  bool starts_statement() const;
};

// Null where `word` may be a name.
const Keyword* find_keyword(std::string_view word);

std::vector<std::string> keywords_with(KeywordRole role);

}  // namespace coil
