// Input that no person would write: it must end soon, without a crash, and never without a word.

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

#include "runtime/recipe/read_recipe.hpp"

namespace coil {
namespace {

const std::string valid =
    "corpus:   {lowercase: true}\n"
    "batching: {scheme: streams, batch: 64}\n"
    "state:    {reset: epoch}\n"
    "phases:\n"
    "  - {optimizer: sgd, learning_rate: 0.001, momentum: 0.5, epochs: 20}\n"
    "  - {learning_rate: 0.0001, epochs: 20}\n"
    "clip_norm: 5\nvalidation: 0.05\npatience: 3\nseed: 7\n";

// Either a recipe that makes sense, or a message.
std::string answer(const std::string& text) {
  const SourceFile file("r.yaml", text);
  Diagnostics diagnostics(file);
  const auto recipe = read_recipe(file, Recipe{}, diagnostics);
  RC_ASSERT(recipe.has_value() == !diagnostics.has_errors());
  if (recipe) RC_ASSERT(recipe_from_text(print_recipe(*recipe), "x") == *recipe);
  for (const Diagnostic& diagnostic : diagnostics.all())
    if (diagnostic.where.is_somewhere()) {
      RC_ASSERT(diagnostic.where.begin <= diagnostic.where.end);
      RC_ASSERT(diagnostic.where.end <= text.size());
    }
  return diagnostics.render();
}

std::string repeat(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("files that are no recipe") {
  const std::pair<std::string, const char*> texts[] = {
      {"", "a recipe is nothing, not a map of corpus"},
      {"   \n\n", "a recipe is nothing"},
      {"# only a remark\n", "a recipe is nothing"},
      {"~", "a recipe is nothing"},
      {"word", "a recipe is 'word', not a map"},
      {"- a\n- b\n", "a recipe is a list, not a map"},
      {"a: {b", "not YAML: "},
      {"a: b: c", "not YAML: "},
      {"\tseed: 1", "not YAML: "},
      {"seed: 1\n---\nseed: 2\n", "r.yaml:3:1: error: a second document"},
      {"seed: &x 1", "r.yaml:1:7: error: anchors and aliases are not read"},
      {"seed: *x", "r.yaml:1:7: error: "},
      {"a: &a [x]\nb: [*a, *a]", "anchors and aliases are not read"},
      {"seed: !!int 3", "r.yaml:1:7: error: tags as "},
      {"seed: !secret 3", "tags as "},
      {"<<: {seed: 1}", "unknown key '<<'"},
      {std::string("seed: 1\0", 8), "r.yaml:1:8: error: a control character"},
      {"seed: 1\x04", "a control character"},
      {"seed: \xff", "r.yaml:1:7: error: not UTF-8"},
      {std::string("\xff\xfes\0", 4), "not UTF-8"},
      {repeat("[", 100'000), "more than 65536 bytes"},
      {repeat("[", 10'000), "r.yaml:1:3: error: nested too deeply"},
      {repeat("{", 10'000), "nested too deeply"},
      {repeat("- ", 10'000), "nested too deeply"},
      {repeat("? ", 10'000), "nested too deeply"},
      {"seed: " + std::string(60'000, '9'), "'seed' is '9"},
      {repeat(",", 100), "no YAML begins like this"},
      {"%YAML 9.9\n---\nseed: 1\n", "not YAML: "},
  };
  for (const auto& [text, part] : texts) {
    const std::string told = answer(text);
    INFO(text.substr(0, 60) << "\n" << told);
    CHECK(told.find(part) != std::string::npos);
    CHECK(told.size() < 2000);
  }
}

TEST_CASE("thousands of wrong keys are told in a few") {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += fmt::format("key{}: 1\n", i);
  const std::string told = answer(text);
  CHECK(told.find("further errors are not shown") != std::string::npos);
  CHECK(told.size() < 5000);
}

TEST_CASE("a recipe with bytes changed is read or refused, with a place") {
  CHECK(answer(valid).empty());
  const auto piece = rc::gen::oneOf(
      rc::gen::element<std::string>("", "{", "}", "[", "]", ",", ":", "-", "&a", "*a", "!", "|",
                                    ">", "'", "\"", "#", "%", "? ", "\n", "  ", "\t", "---\n",
                                    "...\n", "0", "1e9", "seed", "nan", "\xff", "ä"),
      rc::gen::string<std::string>());
  CHECK(rc::check([&] {
    std::string text = valid;
    const int edits = *rc::gen::inRange(1, 6);
    for (int i = 0; i < edits; ++i) {
      const auto begin = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
      text.replace(begin, *rc::gen::inRange<std::size_t>(0, 9), *piece);
    }
    answer(text);
  }));
}

}  // namespace coil
