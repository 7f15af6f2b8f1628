// Each mistake is told with its place and with what is allowed; several of one file all at once.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "runtime/recipe/read_recipe.hpp"

namespace coil {
namespace {

std::string mistakes(const std::string& text) {
  const SourceFile file("r.yaml", text);
  Diagnostics diagnostics(file);
  const auto recipe = read_recipe(file, Recipe{}, diagnostics);
  CHECK(recipe.has_value() == !diagnostics.has_errors());
  return diagnostics.render();
}

// The first line of what is told.
std::string mistake(const std::string& text) {
  const std::string all = mistakes(text);
  return all.substr(0, all.find('\n'));
}

}  // namespace

TEST_CASE("all mistakes of a file at once, with the lines") {
  CHECK(mistakes("corpus:   {lowercase: yes}\n"
                 "batching: {sheme: streams, batch: 0}\n"
                 "phases:\n"
                 "  - {optimizer: adm, learning_rate: 0.001, epochs: 010}\n"
                 "  - {learning_rate: fast, epochs: 2, epochs: 3}\n"
                 "pateince: 3\n") ==
        "r.yaml:1:23: error: 'lowercase' is 'yes', not true or false\n"
        "    corpus:   {lowercase: yes}\n"
        "                          ^~~\n"
        "r.yaml:2:12: error: unknown key 'sheme' in batching; did you mean 'scheme'?\n"
        "    batching: {sheme: streams, batch: 0}\n"
        "               ^~~~~\n"
        "r.yaml:2:35: error: 'batch' is '0', not a whole number from 1 to 1000000\n"
        "    batching: {sheme: streams, batch: 0}\n"
        "                                      ^\n"
        "r.yaml:4:17: error: 'optimizer' is 'adm', not one of adam, sgd; did you mean 'adam'?\n"
        "      - {optimizer: adm, learning_rate: 0.001, epochs: 010}\n"
        "                    ^~~\n"
        "r.yaml:4:52: error: 'epochs' is '010', not a whole number from 1 to 1000000\n"
        "      - {optimizer: adm, learning_rate: 0.001, epochs: 010}\n"
        "                                                       ^~~\n"
        "r.yaml:5:21: error: 'learning_rate' is 'fast', not a number from 1e-12 to 1000\n"
        "      - {learning_rate: fast, epochs: 2, epochs: 3}\n"
        "                        ^~~~\n"
        "r.yaml:5:38: error: 'epochs' is given twice\n"
        "      - {learning_rate: fast, epochs: 2, epochs: 3}\n"
        "                                         ^~~~~~\n"
        "r.yaml:5:27: note: here for the first time\n"
        "      - {learning_rate: fast, epochs: 2, epochs: 3}\n"
        "                              ^~~~~~\n"
        "r.yaml:6:1: error: unknown key 'pateince' in a recipe; did you mean 'patience'?\n"
        "    pateince: 3\n"
        "    ^~~~~~~~\n");
}

TEST_CASE("keys in the wrong place are told where they belong") {
  CHECK(mistake("learning_rate: 0.1") ==
        "r.yaml:1:1: error: unknown key 'learning_rate' in a recipe; it belongs in 'phases'");
  CHECK(mistake("batching: {seed: 3}") ==
        "r.yaml:1:12: error: unknown key 'seed' in batching; it stands at the top of the file");
  CHECK(mistake("corpus: {xyzzy: 3}") ==
        "r.yaml:1:10: error: unknown key 'xyzzy' in corpus; there are lowercase");
  CHECK(mistake("? [a, b]\n: 3\n") == "r.yaml:1:3: error: a list is no key");
}

TEST_CASE("one kind of value in the place of another") {
  CHECK(mistake("batching: 64") ==
        "r.yaml:1:11: error: batching is '64', not a map of scheme, batch");
  CHECK(mistake("batching:\nseed: 1\n") ==
        "r.yaml:1:1: error: batching is nothing, not a map of scheme, batch");
  CHECK(mistake("batching: {batch: \"64\"}") ==
        "r.yaml:1:19: error: 'batch' is the text \"64\", not a whole number from 1 to 1000000");
  CHECK(mistake("batching: {batch: [64]}") ==
        "r.yaml:1:19: error: 'batch' is a list, not a whole number from 1 to 1000000");
  CHECK(mistake("batching: {batch: 6.0}") ==
        "r.yaml:1:19: error: 'batch' is '6.0', not a whole number from 1 to 1000000");
  CHECK(mistake("batching: {batch:}") ==
        "r.yaml:1:12: error: 'batch' is nothing, not a whole number from 1 to 1000000");
  CHECK(mistake("batching: {scheme: {a: b}}") ==
        "r.yaml:1:20: error: 'scheme' is a map, not one of blocks, windows, streams");
  CHECK(mistake("corpus: {lowercase: True}") ==
        "r.yaml:1:21: error: 'lowercase' is 'True', not true or false");
}

TEST_CASE("numbers have one spelling and a range") {
  for (const char* word : {"-1", "+1", "1e3", "0x10", "1_000", "01", "9223372036854775808",
                           "99999999999999999999999", "1000001", "~", ".inf", "one"}) {
    INFO(word);
    CHECK(mistake(fmt::format("batching: {{batch: {}}}", word)).find("'batch' is ") !=
          std::string::npos);
  }
  for (const char* word : {"-1", "+1", "nan", ".nan", "inf", ".inf", "-.inf", "1e999", "1e-999",
                           "1001", "0", "0x1p3", "01", "00.1", "0.1f", "0,1", "1_0"}) {
    INFO(word);
    const std::string text = fmt::format("phases: [{{learning_rate: {}, epochs: 1}}]", word);
    CHECK_FALSE(mistakes(text).empty());
  }
  for (const char* word : {"0.9", "9e-1", ".9", "0.90"}) {
    INFO(word);
    CHECK(mistakes(fmt::format("phases: [{{learning_rate: {}, epochs: 1}}]", word)).empty());
  }
  CHECK_FALSE(mistakes("seed: 18446744073709551616").empty());
  CHECK_FALSE(mistakes("validation: 1").empty());
  CHECK_FALSE(mistakes("clip_norm: -1").empty());
}

TEST_CASE("phases") {
  CHECK(mistake("phases: {epochs: 1}").find("'phases' is a list of at least one phase") !=
        std::string::npos);
  CHECK(mistake("phases: []").find("'phases' is a list of at least one phase") !=
        std::string::npos);
  CHECK(mistake("phases:\n").find("r.yaml:1:1: error: 'phases' is a list") == 0);
  CHECK(mistake("phases: [adam]") ==
        "r.yaml:1:10: error: phases is 'adam', not a map of optimizer, learning_rate, momentum, "
        "epochs");
  CHECK(mistake("phases:\n  - {optimizer: adam, epochs: 2}") ==
        "r.yaml:2:5: error: a phase without 'learning_rate'");
  CHECK(mistake("phases: [{learning_rate: 0.1, momentum: 0.9, epochs: 1}]") ==
        "r.yaml:1:41: error: momentum is of sgd; adam has its own");
  std::string many = "phases:\n";
  for (int i = 0; i < 101; ++i) many += "  - {learning_rate: 0.1, epochs: 1}\n";
  CHECK(mistake(many).find("more than 100 phases") != std::string::npos);
}

TEST_CASE("settings that do not go together") {
  CHECK(mistake("seed: 1\npatience: 3\n").find("r.yaml:2:1: error: patience waits for ") == 0);
  CHECK(mistake("batching: {scheme: windows}\nstate: {reset: epoch}\n") ==
        "r.yaml:2:1: error: only streams carry a state on; the scheme is windows");
}

TEST_CASE("places are those of an editor") {
  CHECK(mistake("# ä 漢\nseed: ä\n") ==
        "r.yaml:2:7: error: 'seed' is 'ä', not a whole number from 0 to 18446744073709551615");
  CHECK(mistake("corpus: {lowercase: true}   # ä\r\nseed:  x\r\n").find("r.yaml:2:8: error:") == 0);
}

}  // namespace coil
