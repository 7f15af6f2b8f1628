// The grammar for editors says what the compiler says.

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "compiler/syntax/keywords.hpp"

namespace {

using nlohmann::json;

json read(const std::string& name) {
  std::ifstream file(COIL_EDITORS "/" + name);
  REQUIRE(file.is_open());
  const json result = json::parse(file, nullptr, false);
  INFO(name);
  REQUIRE_FALSE(result.is_discarded());
  return result;
}

json rules() { return read("coil.tmLanguage.json").at("repository"); }

// The words of a rule `\b(one|two)\b`, sorted.
std::vector<std::string> words_of(const std::string& rule) {
  const std::string match = rules().at(rule).at("match");
  REQUIRE(match.starts_with("\\b("));
  REQUIRE(match.ends_with(")\\b"));
  std::vector<std::string> words;
  std::istringstream list(match.substr(3, match.size() - 6));
  for (std::string word; std::getline(list, word, '|');) words.push_back(word);
  std::sort(words.begin(), words.end());
  return words;
}

std::vector<std::string> keywords(coil::KeywordRole role) {
  std::vector<std::string> words = coil::keywords_with(role);
  std::sort(words.begin(), words.end());
  return words;
}

// What the first rule that matches in `line` matches there, by the order of the grammar's patterns; the
// leftmost match wins.
std::string scopes_of(const std::string& line) {
  const json grammar = read("coil.tmLanguage.json");
  std::string out;
  for (std::string rest = line; !rest.empty();) {
    std::smatch first;
    std::string name;
    for (const json& pattern : grammar.at("patterns")) {
      const std::string rule = pattern.at("include").get<std::string>().substr(1);
      const std::regex match(grammar.at("repository").at(rule).at("match").get<std::string>());
      std::smatch found;
      if (!std::regex_search(rest, found, match)) continue;
      if (!first.empty() && found.position() >= first.position()) continue;
      first = found;
      name = rule;
    }
    if (first.empty()) break;
    out += name + "<" + first.str() + "> ";
    rest = first.suffix();
  }
  return out;
}

}  // namespace

TEST_CASE("the editors' keywords are the compiler's") {
  CHECK(words_of("declaration_keyword") == keywords(coil::KeywordRole::declaration));
  CHECK(words_of("statement_keyword") == keywords(coil::KeywordRole::statement));
  CHECK(words_of("inner_keyword") == keywords(coil::KeywordRole::inner));
}

TEST_CASE("every rule of the grammar is used, and every use has a rule") {
  const json grammar = read("coil.tmLanguage.json");
  CHECK(grammar.at("scopeName") == "source.coil");
  std::vector<std::string> used;
  for (const json& pattern : grammar.at("patterns")) {
    used.push_back(pattern.at("include").get<std::string>().substr(1));
  }
  std::sort(used.begin(), used.end());
  std::vector<std::string> known;
  for (const auto& rule : grammar.at("repository").items()) known.push_back(rule.key());
  CHECK(used == known);
}

TEST_CASE("lines fall into what they are") {
  CHECK(scopes_of("model Char3(vocab = 57) {  # for it") ==
        "declaration<model Char3> argument<vocab> operator<=> number<57> comment<# for it> ");
  CHECK(scopes_of("for t in 0..steps {") ==
        "statement_keyword<for> inner_keyword<in> number<0> operator<..> ");
  CHECK(scopes_of("input c[8]: index(v)") == "statement_keyword<input> number<8> type<: index> ");
  CHECK(scopes_of("import A from \"if.model\"") ==
        "declaration_keyword<import> inner_keyword<from> string<\"if.model\"> ");
  CHECK(scopes_of("h = 1e-3 * mix(a) |> last") ==
        "argument<h> operator<=> number<1e-3> operator<*> function<mix> stage<|> last> ");
  CHECK(scopes_of("if kind == fast {") == "statement_keyword<if> operator<==> ");
  CHECK(scopes_of("inner + steps") == "operator<+> ");
}

TEST_CASE("the folder is an extension of VS Code") {
  const json package = read("package.json");
  const json& contributed = package.at("contributes");
  CHECK(contributed.at("grammars").at(0).at("path") == "./coil.tmLanguage.json");
  CHECK(contributed.at("grammars").at(0).at("scopeName") == "source.coil");
  CHECK(contributed.at("languages").at(0).at("extensions").at(0) == ".model");
  read("language-configuration.json");
}
