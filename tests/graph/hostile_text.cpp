// The reader against text that nobody of ours wrote: RunError or a verified graph, never anything else.

#include <catch2/catch.hpp>

#include "compiler/graph/text.hpp"

#include "tests/graph/refusals.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/random_graph.hpp"

namespace coil::test {
namespace {

const std::string good =
    "coil: 1\n"
    "graph: g\n"
    "nodes:\n"
    "  - {id: 0, op: input, type: \"real[batch, 3]\", name: x}\n"
    "  - {id: 1, op: weight, type: \"real[3, 2]\", name: w, initializer: zeros}\n"
    "  - {id: 2, op: matmul, of: [0, 1], type: \"real[batch, 2]\"}\n"
    "outputs:\n"
    "  - {name: y, of: 2}\n";

// The good text with one place changed.
std::string changed(const std::string& from, const std::string& to) {
  return refusal_of_change(good, from, to);
}

}  // namespace

TEST_CASE("the text that the tests change is accepted") { CHECK(refusal(good) == "accepted"); }

TEST_CASE("keys that are unknown, twice or missing are refused") {
  CHECK(changed("name: x", "name: x, colour: red") == "f:4: not a graph: unknown key 'colour'");
  CHECK(changed("name: x", "name: x, name: x") == "f:4: not a graph: key 'name' twice");
  CHECK(changed("graph: g", "graph: g\ngraph: g") == "f:3: not a graph: key 'graph' twice");
  CHECK(changed("graph: g", "graph: g\nextra: 1") == "f:3: not a graph: unknown key 'extra'");
  CHECK(changed("{name: y, of: 2}", "{name: y, of: 2, to: 3}") ==
        "f:8: not a graph: unknown key 'to'");
  CHECK(changed(", name: x", "") == "f:4: not a graph: 'name' is missing");
  CHECK(changed("id: 0, ", "") == "f:4: not a graph: 'id' is missing");
  CHECK(changed("graph: g\n", "") == "f:1: not a graph: 'graph' is missing");
  // An attribute of another op.
  CHECK(changed("name: x", "name: x, transpose_a: true") ==
        "f:4: not a graph: unknown key 'transpose_a'");
}

TEST_CASE("types other than those inferred are refused") {
  CHECK(changed("real[batch, 2]", "real[batch, 3]") ==
        "f:1: not a graph: node 2 (matmul): its type is not the one inferred");
  CHECK(changed("real[batch, 3]", "real[batch, 4]") ==
        "f:1: not a graph: node 2 (matmul): real[batch, 4] @ real[3, 2]: 4 columns meet 3 rows");
  CHECK(changed("real[batch, 3]", "real[3, batch]") ==
        "f:4: not a graph: 'real[3, batch]' is no type");
  CHECK(changed("real[batch, 3]", "integer[3]") == "f:4: not a graph: 'integer[3]' is no type");
  CHECK(changed("\"real[batch, 3]\"", "[]") ==
        "f:1: not a graph: node 0 (input): a leaf has one result");
}

TEST_CASE("ids count up from 0, and operands stand before their users") {
  CHECK(changed("id: 1", "id: 2") == "f:5: not a graph: expected id 1");
  CHECK(changed("id: 0", "id: 1") == "f:4: not a graph: expected id 0");
  CHECK(changed("of: [0, 1]", "of: [0, 2]") ==
        "f:1: not a graph: node 2 (matmul): operand 2.0 does not stand before it");
  CHECK(changed("of: [0, 1]", "of: [0, 7]") ==
        "f:1: not a graph: node 2 (matmul): operand 7.0 does not stand before it");
  CHECK(changed("of: [0, 1]", "of: [0, 1.1]") ==
        "f:1: not a graph: node 2 (matmul): operand 1.1 does not stand before it");
  CHECK(changed("of: 2", "of: 3") == "f:1: not a graph: output 'y' does not exist");
}

TEST_CASE("numbers that are not written as Coil writes them are refused") {
  for (const char* id : {"-1", "1.9", "010", "00", "0x0", "+0", "4294967296",
                         "99999999999999999999", "one", "\"\"", "0 0", "1e0", "-0"}) {
    INFO(id);
    CHECK(changed("id: 0", std::string("id: ") + id).ends_with("is no number that fits here"));
  }
  for (const char* of :
       {"-1", "1.", ".1", "01", "1.0", "1.01", "1.-1", "4294967296", "a", "\"\""}) {
    INFO(of);
    CHECK(changed("of: [0, 1]", std::string("of: [0, ") + of + "]").ends_with("names no value"));
  }
  CHECK(changed("name: x", "name: x, position: -1") ==
        "f:1: not a graph: position -1 among 1 inputs");
  CHECK(changed("name: x", "name: x, position: 010") ==
        "f:4: not a graph: '010' is no number that fits here");
  CHECK(changed("name: x", "name: x, position: 9223372036854775808") ==
        "f:4: not a graph: '9223372036854775808' is no number that fits here");
  CHECK(changed("name: x", "name: x, bound: 1.9") ==
        "f:4: not a graph: '1.9' is no number that fits here");
  CHECK(changed("real[batch, 3]", "real[batch, 03]") ==
        "f:4: not a graph: 'real[batch, 03]' is no type");
}

TEST_CASE("values of the wrong kind are refused") {
  CHECK(changed("op: matmul", "op: magic") == "f:6: not a graph: unknown op 'magic'");
  CHECK(changed("op: matmul", "op: [matmul]") == "f:6: not a graph: expected a word");
  CHECK(changed("of: [0, 1]", "of: 0") == "f:6: not a graph: expected a list");
  CHECK(changed("of: [0, 1]", "of: [[0], 1]") == "f:6: not a graph: expected a word");
  CHECK(changed("name: x", "name: ~") == "f:4: not a graph: expected a word");
  CHECK(changed("of: [0, 1]", "of: [0, 1], transpose_a: false") ==
        "f:6: not a graph: expected true");
  CHECK(changed("initializer: zeros", "initializer: random") ==
        "f:5: not a graph: 'random' is not known here");
  for (const char* limit : {"uniform", "uniform 0", "uniform -1", "uniform 1e7", "uniform x",
                            "uniform nan", "uniform 1 ", "uniform 1 2"}) {
    INFO(limit);
    CHECK(changed("initializer: zeros", "initializer: \"" + std::string(limit) + "\"") !=
          "accepted");
  }
  CHECK(changed("{name: y, of: 2}", "{name: y, of: 2, kind: result}") ==
        "f:8: not a graph: unknown kind 'result'");
  CHECK(changed("{name: y, of: 2}", "{name: y, of: 2, kind: update}") ==
        "f:1: not a graph: no weight or state is called 'y'");
  CHECK(changed("name: x", "name: x, at: here") == "f:4: not a graph: 'here' is no place");
  CHECK(changed("name: x", "name: x, at: \"4\"") == "f:4: not a graph: '4' is no place");
  CHECK(changed("name: x", "name: x, at: \"4:-1\"") == "f:4: not a graph: '4:-1' is no place");
  CHECK(changed("coil: 1", "coil: 2") == "f:1: not a graph: this version reads format 1");
}

TEST_CASE("what is no graph at all is refused") {
  CHECK(refusal("") == "f:1: not a graph: none in place of one YAML document");
  CHECK(refusal(good + "---\n" + good) ==
        "f:1: not a graph: several in place of one YAML document");
  // On a stray comma yaml-cpp finds documents without end.
  CHECK(refusal(",") == "f:1: not a graph: several in place of one YAML document");
  CHECK(refusal("," + good) == "f:1: not a graph: several in place of one YAML document");
  CHECK(refusal("[]") == "f:1: not a graph: expected a map");
  CHECK(refusal("graph") == "f:1: not a graph: expected a map");
  CHECK(refusal("coil: 1\ngraph: g\nnodes: {}\noutputs: []\n") ==
        "f:3: not a graph: expected a list");
  CHECK(refusal(std::string("coil\0: 1", 8)) != "accepted");
  CHECK(refusal("\xff\xfe\x00\x01") != "accepted");
}

TEST_CASE("anchors and aliases are refused, a star in a name is not") {
  CHECK(changed("name: x", "name: &n x") == "f:4: not a graph: anchors and aliases are not read");
  CHECK(changed("of: [0, 1]", "of: &o [0, 1]") ==
        "f:6: not a graph: anchors and aliases are not read");
  std::string bomb = "a: &a [x, x]\n";
  for (char c = 'b'; c < 'z'; ++c) bomb += fmt::format("{0}: &{0} [*{1}, *{1}]\n", c, char(c - 1));
  CHECK(refusal(bomb) == "f:1: not a graph: anchors and aliases are not read");
  CHECK(changed("name: x", "name: \"x * & y\"") == "accepted");
}

TEST_CASE("deep nesting and long lists are refused without harm") {
  const std::size_t depth = 100'000;
  for (const char* opening : {"[", "{", "- ", "? ", "[a, ", "{a: ", "a: ["}) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += opening;
    INFO(opening);
    CHECK(refusal(text) != "accepted");
    CHECK(refusal("coil: 1\ngraph: g\nnodes: " + text) != "accepted");
  }
  CHECK(refusal(std::string((std::size_t{64} << 20) + 1, ' ')) ==
        "f: a graph of 67108865 bytes is larger than 67108864");
}

TEST_CASE("a text that ends anywhere is refused or is a graph") {
  const std::string text = to_text(char3_graph());
  std::size_t accepted = 0;
  for (std::size_t length = 0; length < good.size(); ++length) {
    INFO(length);
    REQUIRE(is_safe(good.substr(0, length)));
    accepted += refusal(good.substr(0, length)) == "accepted";
  }
  CHECK(accepted == 1);  // all but the last line's end
  for (std::size_t length = 0; length < text.size(); length += 7) {
    INFO(length);
    REQUIRE(is_safe(text.substr(0, length)));
  }
}

TEST_CASE("a text with changed bytes is refused or is a graph") {
  const std::string text = to_text(char3_graph());
  const std::string likely = "0123456789{}[],:-.&*\"\n #~abrt";
  Rng rng(1);
  std::uint64_t accepted = 0;
  for (std::uint64_t i = 0; i < cases(5000); ++i) {
    std::string hurt = i % 3 == 0 ? text : good;
    for (std::int64_t edits = rng.between(1, 3); edits > 0; --edits) {
      const auto at = static_cast<std::size_t>(rng.between(0, std::ssize(hurt) - 1));
      const char byte =
          rng.coin() ? likely[static_cast<std::size_t>(rng.between(0, std::ssize(likely) - 1))]
                     : static_cast<char>(rng.between(0, 255));
      switch (rng.between(0, 2)) {
        case 0:
          hurt[at] = byte;
          break;
        case 1:
          hurt.insert(at, 1, byte);
          break;
        case 2:
          hurt.erase(at, static_cast<std::size_t>(rng.between(1, 5)));
          break;
      }
    }
    INFO(hurt);
    REQUIRE(is_safe(hurt));
    accepted += refusal(hurt) == "accepted";
  }
  CHECK(accepted > cases(50));
  CHECK(accepted < cases(2500));
}

}  // namespace coil::test
