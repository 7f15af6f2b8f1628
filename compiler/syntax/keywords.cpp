#include "compiler/syntax/keywords.hpp"

#include <algorithm>
#include <array>

namespace coil {

namespace {

constexpr std::array<Keyword, 15> keywords{{
    {"import", KeywordRole::declaration, ""},
    {"model", KeywordRole::declaration, ""},
    {"cell", KeywordRole::declaration, ""},
    {"input", KeywordRole::statement, "m"},
    {"layer", KeywordRole::statement, "mc"},
    {"weight", KeywordRole::statement, "mc"},
    {"state", KeywordRole::statement, "mc"},
    {"for", KeywordRole::statement, "mcsl"},
    {"if", KeywordRole::statement, "mcsl"},
    {"step", KeywordRole::statement, "c"},
    {"yield", KeywordRole::statement, "s"},
    {"output", KeywordRole::statement, "m"},
    {"from", KeywordRole::inner, ""},
    {"in", KeywordRole::inner, ""},
    {"else", KeywordRole::inner, ""},
}};

}  // namespace

bool Keyword::may_stand_in(Place place) const {
  return places.find("mcsl"[static_cast<std::size_t>(place)]) != std::string_view::npos;
}

std::span<const Keyword> all_keywords() { return keywords; }

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

std::string_view describe(Place place) {
  switch (place) {
    case Place::model:
      return "a model";
    case Place::cell:
      return "a cell";
    case Place::step:
      return "a step";
    case Place::loop:
      return "a loop";
  }
  return "";
}

}  // namespace coil
