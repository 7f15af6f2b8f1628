#pragma once

// The words that cannot be names, in one table.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coil {

enum class KeywordRole {
  declaration,  // starts a declaration of the file
  statement,    // starts a statement
  inner,        // part of a construct, never its start: `in`
};

// Where a statement may stand. What an `if` holds stands where the `if` does.
enum class Place { model, cell, step, loop };

struct Keyword {
  std::string_view word;
  KeywordRole role;
  std::string_view places;  // of a statement, by their first letters: "mc" is a model or a cell

  bool starts_declaration() const { return role == KeywordRole::declaration; }
  bool starts_statement() const { return role == KeywordRole::statement; }
  bool may_stand_in(Place place) const;
};

// All of them, in the order a file has them.
std::span<const Keyword> all_keywords();

// Null where `word` may be a name.
const Keyword* find_keyword(std::string_view word);

std::vector<std::string> keywords_with(KeywordRole role);

// "a model", "a cell", "a step", "a loop"
std::string_view describe(Place place);

}  // namespace coil
