// The text form of scans, pieces of weights and parts of inputs, and the reader against hostile ones.

#include <catch2/catch.hpp>

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/graph/verify.hpp"

#include "tests/graph/refusals.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/random_scan.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test::recurrence_text_test {
namespace {

// h' = tanh(x + h @ U), U being half of a stored weight.
const std::string good = R"(coil: 1
graph: Small
parts:
  - {name: c1, of: c, step: 0}
  - {name: c2, of: c, step: 1}
nodes:
  - {id: 0, op: input, type: "real[batch, 2, 3]", name: c}
  - {id: 1, op: constant, type: "real[batch, 3]", value: 0}
  - {id: 2, op: weight, type: "real[3, 3]", name: "U[0]", initializer: orthogonal, piece: {of: U, whole: "[3, 6]", begin: [0, 3], size: [3, 3]}}
  - node: {id: 3, op: scan, of: [0, 1, 2], type: ["real[batch, 3]", "real[batch, 2, 3]"], steps: 2, sequences: 1, carries: 1, at: "7:3"}
    body:
      nodes:
        - {id: 0, op: input, type: "real[batch, 3]", name: x}
        - {id: 1, op: input, type: "real[batch, 3]", name: h, position: 1}
        - {id: 2, op: input, type: "real[3, 3]", name: U, position: 2}
        - {id: 3, op: matmul, of: [1, 2], type: "real[batch, 3]", at: "8:9"}
        - {id: 4, op: add, of: [0, 3], type: "real[batch, 3]"}
        - {id: 5, op: tanh, of: [4], type: "real[batch, 3]"}
      outputs:
        - {name: h, of: 5}
        - {name: y, of: 5}
outputs:
  - {name: y, of: 3.1}
)";

// The good text with one place changed.
std::string changed(const std::string& from, const std::string& to) {
  return refusal_of_change(good, from, to);
}

// A scan over one carried number whose body is such a scan, `depth` of them.
Graph nested(std::size_t depth) {
  Sketch sketch;
  const Shape number{{batch_dim, 1}};
  const Value h = sketch.input(number);
  if (depth == 0) return sketch.finish(sketch.add(Op::tanh, {h}));
  const ScanAttributes scan{2, 0, 1, false, make_body(nested(depth - 1))};
  return sketch.finish(sketch.add(Op::scan, {h}, scan));
}

}  // namespace

TEST_CASE("a scan, a piece and parts are read and written back byte for byte") {
  const Graph graph = graph_from_text(good, "f");
  CHECK(to_text(graph) == good);
  CHECK(graph.parts.at(1) == InputPart{"c2", "c", 1});
  const auto& scan = std::get<ScanAttributes>(graph.node(3).attributes);
  CHECK(scan.body.graph->node(3).place == Place{8, 9});
  CHECK(std::get<WeightAttributes>(graph.node(2).attributes).piece.begin ==
        std::vector<std::int64_t>{0, 3});
}

TEST_CASE("random scans come back byte for byte, with their hashes") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    const Graph graph = seed % 3 == 0   ? random_scan(rng)
                        : seed % 3 == 1 ? random_nested_scan(rng)
                                        : random_recurrent_graph(rng);
    const std::string text = to_text(graph);
    INFO(text);
    REQUIRE(why_malformed(graph) == std::nullopt);
    const Graph back = graph_from_text(text, "f");
    CHECK(to_text(back) == text);
    for (NodeId id = 0; id < graph.size(); ++id)
      CHECK(back.node(id).attributes == graph.node(id).attributes);
  }
}

TEST_CASE("a scan and its body stand in one way") {
  CHECK(changed("    body:\n", "    corpse:\n") == "f:11: not a graph: unknown key 'corpse'");
  CHECK(changed("node: {id: 3", "{id: 3") != "accepted");
  CHECK(changed("  - {id: 1, op: constant, type: \"real[batch, 3]\", value: 0}",
                "  - node: {id: 1, op: constant, type: \"real[batch, 3]\", value: 0}") ==
        "f:8: not a graph: constant has no body");
  CHECK(changed("op: constant, type: \"real[batch, 3]\", value: 0", "op: scan, type: []") ==
        "f:8: not a graph: 'body' is missing");
  CHECK(changed("of: [1, 2]", "of: [1, 5]") ==
        "f:12: not a graph: node 3 (matmul): operand 5.0 does not stand before it");
  CHECK(changed("steps: 2", "steps: 02") == "f:10: not a graph: '02' is no number that fits here");
  CHECK(changed("        - {name: y, of: 5}\n", "        - {name: y, of: 9}\n") ==
        "f:12: not a graph: output 'y' does not exist");
}

TEST_CASE("scans whose operands and body do not fit are refused") {
  const auto why = [](const std::string& from, const std::string& to) {
    const std::string prefix = "f:1: not a graph: node 3 (scan): ";
    const std::string found = changed(from, to);
    CHECK(found.starts_with(prefix));
    return found.substr(std::min(prefix.size(), found.size()));
  };
  CHECK(why("steps: 2", "steps: 3") == "real[batch, 2, 3] is no sequence of 3 steps");
  CHECK(why("steps: 2", "steps: 0") == "0 steps are not from 1 to 2147483648");
  CHECK(why("steps: 2", "steps: 9223372036854775807") ==
        "9223372036854775807 steps are not from 1 to 2147483648");
  CHECK(why("sequences: 1", "sequences: -1") ==
        "-1 sequences and 1 carries with 3 operands and 2 outputs of the body");
  CHECK(why("carries: 1", "carries: 3") ==
        "1 sequences and 3 carries with 3 operands and 2 outputs of the body");
  CHECK(why("carries: 1", "carries: 9223372036854775807") ==
        "1 sequences and 9223372036854775807 carries with 3 operands and 2 outputs of the body");
  CHECK(why("of: [0, 1, 2], type", "of: [0, 1], type") == "input 2 of the body is given nothing");
  CHECK(why("of: [0, 1, 2], type", "of: [0, 1, 2, 2], type") == "the body takes 3 inputs, not 4");
  CHECK(why("of: [0, 1, 2], type", "of: [0, 1, 1], type") ==
        "input 2 of the body is real[3, 3], not real[batch, 3]");
  CHECK(why("{name: h, of: 5}", "{name: h, of: 2}") == "carries real[batch, 3] on as real[3, 3]");
  CHECK(why("{name: y, of: 5}", "{name: y, of: 2}") == "yields real[3, 3] without a batch");
}

TEST_CASE("a body has results only, and no weight of its own") {
  CHECK(changed("{name: y, of: 5}", "{name: h, of: 5}") ==
        "f:12: not a graph: two outputs are called 'h'");
  CHECK(changed("{name: y, of: 5}", "{name: U, of: 2, kind: update}") ==
        "f:12: not a graph: outputs are results");
  CHECK(changed("op: input, type: \"real[3, 3]\", name: U, position: 2",
                "op: weight, type: \"real[3, 3]\", name: U, initializer: zeros") ==
        "f:12: not a graph: a weight belongs outside");
}

TEST_CASE("sequences may be of indices, within the bounds of the body") {
  const auto why = [](std::int64_t outside, std::int64_t inside) {
    Sketch body, sketch;
    const Shape row{{batch_dim, 2}};
    const Value index = body.index({{batch_dim}}, inside), h = body.input(row);
    const Value found = body.add(Op::gather, {body.input({{4, 2}}), index});
    body.output(body.add(Op::add, {h, found}));
    const ScanAttributes scan{3, 1, 1, false, make_body(body.finish())};
    const Value sequence = sketch.index({{batch_dim, 3}}, outside);
    const Value table = sketch.weight({{4, 2}});
    return why_malformed(
               sketch.finish(sketch.add(Op::scan, {sequence, sketch.input(row), table}, scan)))
        .value_or("fine");
  };
  CHECK(why(4, 4) == "fine");
  CHECK(why(2, 3) == "fine");
  CHECK(why(4, 3) == "node 3 (scan): operand 0 counts to 4, the body to 3");
  CHECK(why(4, 5) ==
        "node 3 (scan): in its body, node 3 (gather): 'i0' counts to 5, there are 4 rows");
}

TEST_CASE("bodies nest to a depth, in text and in memory") {
  CHECK(why_malformed(nested(deepest_body)) == std::nullopt);
  CHECK(to_text(graph_from_text(to_text(nested(deepest_body)), "f")) ==
        to_text(nested(deepest_body)));
  const Graph deeper = nested(deepest_body + 1);
  CHECK(why_malformed(deeper).value().ends_with("scans are nested deeper than 8"));
  CHECK(refusal(to_text(deeper)).ends_with("bodies nested deeper than 8"));
}

TEST_CASE("pieces lie apart inside one weight, and agree on it") {
  const auto why = [](const std::string& from, const std::string& to) {
    const std::string found = changed(from, to);
    CHECK(found.starts_with("f:1: not a graph: "));
    return found.substr(std::min<std::size_t>(18, found.size()));
  };
  CHECK(why("begin: [0, 3]", "begin: [0, 4]") ==
        "node 2 (weight): 3 from 4 is not inside 6 of 'U'");
  CHECK(why("begin: [0, 3]", "begin: [0, -1]") ==
        "node 2 (weight): 3 from -1 is not inside 6 of 'U'");
  CHECK(why("begin: [0, 3]", "begin: [0]") == "node 2 (weight): it is no box of 'U'");
  CHECK(why("size: [3, 3]", "size: [3, 2]") == "node 2 (weight): [3, 3] is not the box of 'U'");
  CHECK(why("whole: \"[3, 6]\"", "whole: \"[batch, 6]\"") ==
        "node 2 (weight): it is no box of 'U'");
  CHECK(why("of: U, whole", "of: \"U[0]\", whole") ==
        "'U[0]' is a leaf, and a weight that others are pieces of");
  CHECK(changed("of: U, whole", "of: \"\", whole") == "f:9: not a graph: a piece of nothing");
  CHECK(changed("size: [3, 3]}", "size: [3, 3], colour: red}") ==
        "f:9: not a graph: unknown key 'colour'");

  const auto two = [](const Piece& a, const Piece& b, Initializer initializer = {}) {
    Sketch sketch;
    int leaf = 0;
    for (const auto& [piece, starts] : {std::pair(a, Initializer{}), std::pair(b, initializer)}) {
      const Shape shape{piece.size};
      sketch.output(sketch.build.leaf(
          Op::weight, WeightAttributes{{"w" + std::to_string(leaf++)}, starts, piece},
          {Element::real, shape}));
    }
    return why_malformed(sketch.finish()).value_or("fine");
  };
  const Piece left{"W", {{4, 4}}, {0, 0}, {4, 2}}, right{"W", {{4, 4}}, {0, 2}, {4, 2}};
  CHECK(two(left, right) == "fine");
  CHECK(two(left, {"W", {{4, 4}}, {3, 1}, {1, 1}}) == "two pieces of 'W' overlap");
  CHECK(two(left, {"W", {{4, 5}}, {0, 2}, {4, 2}}) == "the pieces of 'W' do not agree on it");
  CHECK(two(left, right, {InitializerKind::ones, 0}) == "the pieces of 'W' do not agree on it");
}

TEST_CASE("a joint is written with its parts, read back, and fed by them") {
  const std::string text =
      "coil: 1\ngraph: g\nnodes:\n"
      "  - {id: 0, op: weight, type: \"real[2, 5]\", name: \"V | W\", initializer: zeros, "
      "joint: {axis: 1, parts: [{name: V, size: 2}, {name: W, size: 3}]}}\n"
      "  - {id: 1, op: state, type: \"real[3]\", name: \"v | w\", "
      "joint: {axis: 0, parts: [{name: v, size: 1}, {name: w, size: 2}]}}\n"
      "outputs:\n  - {name: y, of: 0}\n  - {name: z, of: 1}\n";
  const Graph graph = graph_from_text(text, "f");
  CHECK(why_malformed(graph) == std::nullopt);
  CHECK(to_text(graph) == text);
  const Feeds feeds = {{"V", {{2, 2}, {1, 2, 6, 7}}},
                       {"W", {{2, 3}, {3, 4, 5, 8, 9, 10}}},
                       {"v", {{1}, {11}}},
                       {"w", {{2}, {12, 13}}}};
  const auto outputs = evaluate(graph, feeds, 1);
  CHECK(outputs.at("y").values == std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(outputs.at("z").values == std::vector<double>{11, 12, 13});

  const auto why = [&](const std::string& from, const std::string& to) {
    return refusal_of_change(text, from, to);
  };
  CHECK(why("axis: 1", "axis: 2") ==
        "f:1: not a graph: node 0 (weight): it has no dimension 2 to join along");
  CHECK(why("axis: 1", "axis: -1") ==
        "f:1: not a graph: node 0 (weight): it has no dimension -1 to join along");
  CHECK(why("size: 3", "size: 4") ==
        "f:1: not a graph: node 0 (weight): its parts are not 5 together");
  CHECK(why("size: 3", "size: 0") ==
        "f:1: not a graph: node 0 (weight): its parts are not 5 together");
  CHECK(why("size: 3", "size: 2") == "f:1: not a graph: node 0 (weight): its parts are 4 of 5");
  CHECK(why("name: W", "name: V") ==
        "f:1: not a graph: 'V' is part of 'V | W', and more than that");
  CHECK(why("name: w", "name: \"V | W\"") ==
        "f:1: not a graph: 'V | W' is part of 'v | w', and more than that");
  CHECK(why("real[3]", "real[batch]") == "f:1: not a graph: node 1 (state): a joint has no batch");
  CHECK(why("[{name: V, size: 2}, {name: W, size: 3}]", "[]") ==
        "f:4: not a graph: a joint of nothing");
}

TEST_CASE("a piece may drop dimensions of size one") {
  const auto why = [](const Shape& shape) {
    Sketch sketch;
    const Piece piece{"W", {{2, 3, 1}}, {1, 0, 0}, {1, 3, 1}};
    sketch.output(
        sketch.build.leaf(Op::weight, WeightAttributes{{"w"}, {}, piece}, {Element::real, shape}));
    return why_malformed(sketch.finish()).value_or("fine");
  };
  CHECK(why({{1, 3, 1}}) == "fine");
  CHECK(why({{3}}) == "fine");
  CHECK(why({{1, 3}}) == "fine");
  CHECK(why({{3, 1}}) == "fine");
  CHECK(why({{1, 1, 3}}) == "node 0 (weight): [1, 1, 3] is not the box of 'W'");
  CHECK(why({}) == "node 0 (weight): [] is not the box of 'W'");
}

TEST_CASE("parts are all steps of an input, in their order") {
  CHECK(changed("name: c2, of: c, step: 1", "name: c2, of: c, step: 0") ==
        "f:1: not a graph: part 'c2' is step 0 of 'c', not 1");
  CHECK(changed("  - {name: c2, of: c, step: 1}\n", "") ==
        "f:1: not a graph: 'c' has 1 parts for 2 steps");
  CHECK(changed("  - {name: c2, of: c, step: 1}\n",
                "  - {name: c2, of: c, step: 1}\n  - {name: c3, of: c, step: 2}\n") ==
        "f:1: not a graph: 'c' has 3 parts for 2 steps");
  CHECK(changed("name: c2", "name: c1") == "f:1: not a graph: a part of 'c' cannot be called 'c1'");
  CHECK(changed("name: c2", "name: c") == "f:1: not a graph: a part of 'c' cannot be called 'c'");
  CHECK(changed("name: c2", "name: \"\"") == "f:1: not a graph: a part of 'c' cannot be called ''");
  CHECK(changed("of: c, step: 0", "of: d, step: 0") ==
        "f:1: not a graph: 'd' is no input that has parts");
  CHECK(changed("of: c, step: 0", "of: \"U[0]\", step: 0") ==
        "f:1: not a graph: 'U[0]' is no input that has parts");
}

TEST_CASE("bounds of indices are seen through slices and concats") {
  const auto why = [](std::int64_t bound, std::int64_t other) {
    Sketch sketch;
    const Value a = sketch.index({{batch_dim, 2}}, bound),
                b = sketch.index({{batch_dim, 1}}, other);
    const Value both = sketch.add(Op::concat, {a, b}, ConcatAttributes{1, false});
    const Value one = sketch.add(Op::slice, {both}, SliceAttributes{1, 0, 1, true});
    return why_malformed(sketch.finish(sketch.add(Op::gather, {sketch.weight({{4, 2}}), one})))
        .value_or("fine");
  };
  CHECK(why(4, 2) == "fine");
  CHECK(why(5, 2) == "node 5 (gather): 'its index' counts to 5, there are 4 rows");
  CHECK(why(2, 5) == "node 5 (gather): 'its index' counts to 5, there are 4 rows");
}

TEST_CASE("texts of scans with changed bytes are refused or are graphs") {
  const std::string likely = "0123456789{}[],:-.&*\"\n #~abrt";
  Rng rng(1);
  std::uint64_t accepted = 0;
  for (std::uint64_t i = 0; i < cases(5000); ++i) {
    std::string hurt = good;
    for (std::int64_t edits = rng.between(1, 3); edits > 0; --edits) {
      const auto at = static_cast<std::size_t>(rng.between(0, std::ssize(hurt) - 1));
      const auto pick = static_cast<std::size_t>(rng.between(0, std::ssize(likely) - 1));
      if (rng.coin())
        hurt[at] = likely[pick];
      else if (rng.coin())
        hurt.insert(at, 1, likely[pick]);
      else
        hurt.erase(at, static_cast<std::size_t>(rng.between(1, 5)));
    }
    INFO(hurt);
    REQUIRE(is_safe(hurt));
    accepted += refusal(hurt) == "accepted";
  }
  CHECK(accepted > cases(30));
  for (std::size_t length = 0; length < good.size(); length += 3) {
    INFO(length);
    REQUIRE(is_safe(good.substr(0, length)));
  }
}

}  // namespace coil::test::recurrence_text_test
