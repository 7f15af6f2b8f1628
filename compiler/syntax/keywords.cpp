#include "compiler/syntax/keywords.hpp"

#include <algorithm>
#include <array>

namespace coil {

namespace {

constexpr std::array<Keyword, 12> keywords{{
    {"model", KeywordRole::declaration, ""},
    {"input", KeywordRole::statement, ""},
    {"layer", KeywordRole::statement, ""},
    {"output", KeywordRole::statement, ""},
    {"cell", KeywordRole::later_declaration, "cells"},
    {"import", KeywordRole::later_declaration, "imports"},
    {"for", KeywordRole::later_statement, "loops"},
    {"state", KeywordRole::later_statement, "states"},
    {"weight", KeywordRole::later_statement, "weights written by hand"},
    {"in", KeywordRole::reserved, ""},
    {"step", KeywordRole::reserved, ""},
    {"yield", KeywordRole::reserved, ""},
}};

}  // namespace

bool Keyword::starts_declaration() const {
  return role == KeywordRole::declaration || role == KeywordRole::later_declaration;
}

bool Keyword::starts_statement() const {
  return role == KeywordRole::statement || role == KeywordRole::later_statement;
}

const Keyword* find_keyword(std::string_view word) {
  const auto* found = std::find_if(keywords.begin(), keywords.end(),
                                   [word](const Keyword& keyword) { return keyword.word == word; });
  return found == keywords.end() ? nullptr : found;
}

std::vector<std::string> keywords_with(KeywordRole role) {
  std::vector<std::string> words;
  for (const Keyword& keyword : keywords) {
    if (keyword.role == role) words.emplace_back(keyword.word);
  }
  return words;
}

}  // namespace coil
