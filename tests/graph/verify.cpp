#include "compiler/graph/verify.hpp"

#include <catch2/catch.hpp>

#include "tests/support/random_graph.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

const Type rows{Element::real, {{batch_dim, 3}}};
const Type scalar{Element::real, {}};

Node input(std::string name, Type type, std::int64_t position = 0, std::int64_t bound = 0) {
  return {
      Op::input, InputAttributes{{std::move(name)}, position, bound}, {}, {std::move(type)}, {}};
}
Node weight(std::string name, Type type, Initializer initializer = {}) {
  return {Op::weight, WeightAttributes{{std::move(name)}, initializer}, {}, {std::move(type)}, {}};
}
Node unary(Op op, NodeId of, Type type) { return {op, NoAttributes{}, {{of, 0}}, {type}, {}}; }

// Nodes as they come, checked by nobody.
std::string why(std::vector<Node> nodes, std::vector<Output> outputs = {}) {
  Graph graph;
  for (Node& node : nodes) graph.append(std::move(node));
  graph.outputs = std::move(outputs);
  return why_malformed(graph).value_or("fine");
}

}  // namespace

TEST_CASE("well-formed graphs have no fault") {
  CHECK(why({}) == "fine");
  CHECK(why({input("x", rows), unary(Op::tanh, 0, rows)}, {{"y", {1, 0}, {}}}) == "fine");
  CHECK(why_malformed(char3_graph()) == std::nullopt);
}

TEST_CASE("a node with the wrong operands is malformed") {
  CHECK(why({input("x", rows), unary(Op::tanh, 1, rows)}) ==
        "node 1 (tanh): operand 1.0 does not stand before it");
  CHECK(why({input("x", rows), unary(Op::tanh, 2, rows), input("y", rows, 1)}) ==
        "node 1 (tanh): operand 2.0 does not stand before it");
  CHECK(why({input("x", rows), {Op::tanh, NoAttributes{}, {{0, 1}}, {rows}, {}}}) ==
        "node 1 (tanh): operand 0.1 does not stand before it");
  CHECK(why({input("x", rows), {Op::tanh, NoAttributes{}, {{~0U, ~0U}}, {rows}, {}}}) ==
        "node 1 (tanh): operand 4294967295.4294967295 does not stand before it");
  CHECK(why({input("x", rows), {Op::add, NoAttributes{}, {{0, 0}}, {rows}, {}}}) ==
        "node 1 (add): it has 1 operands");
  CHECK(why({input("x", rows), {Op::tanh, NoAttributes{}, {}, {rows}, {}}}) ==
        "node 1 (tanh): it has 0 operands");
  Node leaf = input("y", rows, 1);
  leaf.operands = {{0, 0}};
  CHECK(why({input("x", rows), leaf}) == "node 1 (input): it has 1 operands");
}

TEST_CASE("a node with another op's attributes is malformed") {
  CHECK(why({{Op::weight, InputAttributes{{"w"}, 0, 0}, {}, {scalar}, {}}}) ==
        "node 0 (weight): it carries other attributes");
  CHECK(why({input("x", rows), {Op::tanh, MatmulAttributes{}, {{0, 0}}, {rows}, {}}}) ==
        "node 1 (tanh): it carries other attributes");
}

TEST_CASE("a node of another type than inferred is malformed") {
  const Type narrow{Element::real, {{batch_dim, 2}}};
  CHECK(why({input("x", rows), unary(Op::tanh, 0, narrow)}) ==
        "node 1 (tanh): its type is not the one inferred");
  CHECK(why({input("x", rows), {Op::tanh, NoAttributes{}, {{0, 0}}, {}, {}}}) ==
        "node 1 (tanh): its type is not the one inferred");
  CHECK(why({input("x", rows), {Op::tanh, NoAttributes{}, {{0, 0}}, {rows, rows}, {}}}) ==
        "node 1 (tanh): its type is not the one inferred");
  CHECK(why({input("x", rows),
             input("y", narrow, 1),
             {Op::add, NoAttributes{}, {{0, 0}, {1, 0}}, {rows}, {}}}) ==
        "node 2 (add): real[batch, 3] and real[batch, 2] do not fit");
  const Type index{Element::index, {{batch_dim}}};
  CHECK(why({input("i", index, 0, 3), unary(Op::tanh, 0, index)}) ==
        "node 1 (tanh): takes reals, not index[batch]");
}

TEST_CASE("a value too large is malformed, though its operands are not") {
  const Type column{Element::real, {{65536, 1}}}, row{Element::real, {{1, 65536}}};
  CHECK(
      why({weight("a", column),
           weight("b", row),
           {Op::add, NoAttributes{}, {{0, 0}, {1, 0}}, {{Element::real, {{65536, 65536}}}}, {}}}) ==
      "node 2 (add): [65536, 65536] has more than 2147483648 elements");
  CHECK(why({weight("a", row),
             weight("b", row),
             {Op::matmul,
              MatmulAttributes{true, false},
              {{0, 0}, {1, 0}},
              {{Element::real, {{65536, 65536}}}},
              {}}}) == "node 2 (matmul): [65536, 65536] has more than 2147483648 elements");
}

TEST_CASE("a leaf of a wrong type is malformed") {
  CHECK(why({input("x", {Element::real, {{0}}})}) == "node 0 (input): dimension 0 is not positive");
  CHECK(why({input("x", {Element::real, {{3, batch_dim}}})}) ==
        "node 0 (input): dimension -1 is not positive");
  CHECK(why({weight("w", rows)}) == "node 0 (weight): a weight has no batch");
  CHECK(why({weight("w", {Element::index, {{3}}})}) == "node 0 (weight): weight holds reals");
  CHECK(why({{Op::constant, ConstantAttributes{1}, {}, {{Element::index, {}}}, {}}}) ==
        "node 0 (constant): constant holds reals");
  CHECK(why({{Op::state, StateAttributes{{"s"}}, {}, {{Element::index, {}}}, {}}}) ==
        "node 0 (state): state holds reals");
  CHECK(why({{Op::state, StateAttributes{{"s"}}, {}, {}, {}}}) ==
        "node 0 (state): a leaf has one result");
  CHECK(why({{Op::state, StateAttributes{{"s"}}, {}, {scalar, scalar}, {}}}) ==
        "node 0 (state): a leaf has one result");
}

TEST_CASE("an initializer with a limit it does not have, or without one, is malformed") {
  using enum InitializerKind;
  CHECK(why({weight("w", scalar, {uniform, 0.05})}) == "fine");
  CHECK(why({weight("w", scalar, {uniform, 0})}) ==
        "node 0 (weight): uniform does not start within 0");
  CHECK(why({weight("w", scalar, {uniform, -1})}) ==
        "node 0 (weight): uniform does not start within -1");
  CHECK(why({weight("w", scalar, {uniform, 1e6})}) ==
        "node 0 (weight): uniform does not start within 1000000");
  CHECK(why({weight("w", scalar, {zeros, 1})}) == "node 0 (weight): zeros does not start within 1");
}

TEST_CASE("bf16 comes of to_bf16 alone, and only products take it, on both sides") {
  const Type rounded{Element::bf16, rows.shape}, matrix{Element::real, {{3, 3}}};
  CHECK(why({input("x", rounded)}) == "node 0 (input): an input is fed reals or indices");
  CHECK(why({weight("w", {Element::bf16, {{3, 3}}})}) == "node 0 (weight): weight holds reals");
  const auto with = [&](Op op, Attributes attributes, std::vector<Value> operands, Type type) {
    return why({input("x", rows),
                weight("w", matrix),
                {Op::to_bf16, NoAttributes{}, {{0, 0}}, {rounded}, {}},
                {Op::to_bf16, NoAttributes{}, {{1, 0}}, {{Element::bf16, {{3, 3}}}}, {}},
                {op, std::move(attributes), std::move(operands), {std::move(type)}, {}}});
  };
  CHECK(with(Op::matmul, MatmulAttributes{}, {{2, 0}, {3, 0}}, rows) == "fine");
  CHECK(with(Op::matmul, MatmulAttributes{}, {{2, 0}, {1, 0}}, rows) ==
        "node 4 (matmul): bf16[batch, 3] @ real[3, 3]: one side is rounded");
  CHECK(with(Op::matmul, MatmulAttributes{}, {{2, 0}, {3, 0}}, rounded) ==
        "node 4 (matmul): its type is not the one inferred");
  CHECK(with(Op::to_bf16, NoAttributes{}, {{2, 0}}, rounded) ==
        "node 4 (to_bf16): takes reals, not bf16[batch, 3]");
  CHECK(with(Op::tanh, NoAttributes{}, {{2, 0}}, rounded) ==
        "node 4 (tanh): takes reals, not bf16[batch, 3]");
  CHECK(with(Op::slice, SliceAttributes{1, 0, 2, false}, {{2, 0}},
             {Element::bf16, {{batch_dim, 2}}}) == "node 4 (slice): takes no bf16[batch, 3]");
  CHECK(with(Op::concat, ConcatAttributes{1, false}, {{2, 0}}, rounded) ==
        "node 4 (concat): takes no bf16[batch, 3]");
}

TEST_CASE("bounds of indices") {
  const Type index{Element::index, {{batch_dim}}}, table{Element::real, {{4, 3}}};
  const auto gather = [&](std::int64_t bound) {
    return why({input("i", index, 0, bound),
                weight("T", table),
                {Op::gather, NoAttributes{}, {{1, 0}, {0, 0}}, {rows}, {}}});
  };
  CHECK(gather(4) == "fine");
  CHECK(gather(5) == "node 2 (gather): 'i' counts to 5, there are 4 rows");
  CHECK(gather(0) == "node 0 (input): input 'i' counts to 0");
  CHECK(gather(-1) == "node 0 (input): input 'i' counts to -1");
  CHECK(gather(largest_value + 1) == "node 0 (input): input 'i' counts to 2147483649");
  CHECK(why({input("x", rows, 0, 3)}) == "node 0 (input): only an index has a bound");

  CHECK(why({input("g", rows),
             input("i", index, 1, 5),
             {Op::scatter_add, ShapeAttributes{{{4, 3}}}, {{0, 0}, {1, 0}}, {table}, {}}}) ==
        "node 2 (scatter_add): 'i' counts to 5, there are 4 rows");
  CHECK(why({input("z", rows),
             input("t", index, 1, 4),
             {Op::cross_entropy, NoAttributes{}, {{0, 0}, {1, 0}}, {scalar, rows}, {}}}) ==
        "node 2 (cross_entropy): 't' counts to 4, there are 3 rows");
}

TEST_CASE("names of leaves are there and are their own") {
  CHECK(why({weight("", scalar)}) == "weight has no name");
  CHECK(why({weight("w", scalar), weight("w", {Element::real, {{3}}})}) ==
        "two leaves are called 'w'");
  CHECK(why({input("w", rows), weight("w", scalar)}) == "two leaves are called 'w'");
}

TEST_CASE("inputs are numbered from 0 without gaps") {
  CHECK(why({input("x", rows, 1), input("y", rows, 0)}) == "fine");
  CHECK(why({input("x", rows), input("y", rows, 0)}) == "two inputs at position 0");
  CHECK(why({input("x", rows, 1)}) == "position 1 among 1 inputs");
  CHECK(why({input("x", rows, -1)}) == "position -1 among 1 inputs");
}

TEST_CASE("outputs exist, are called differently, and fit what they belong to") {
  const std::vector<Node> nodes = {input("x", rows), weight("w", scalar)};
  CHECK(why(nodes, {{"y", {2, 0}, {}}}) == "output 'y' does not exist");
  CHECK(why(nodes, {{"y", {0, 1}, {}}}) == "output 'y' does not exist");
  CHECK(why(nodes, {{"y", {0, 0}, {}}, {"y", {1, 0}, {}}}) == "two outputs are called 'y'");
  CHECK(why(nodes, {{"w", {1, 0}, {}},
                    {"w", {1, 0}, OutputKind::update},
                    {"w", {1, 0}, OutputKind::gradient}}) == "fine");
  CHECK(why(nodes, {{"w", {0, 0}, OutputKind::update}}) ==
        "output 'w' has another type than the leaf it belongs to");
  CHECK(why(nodes, {{"v", {1, 0}, OutputKind::gradient}}) == "no weight or state is called 'v'");
  CHECK(why(nodes, {{"x", {0, 0}, OutputKind::update}}) == "no weight or state is called 'x'");
}

TEST_CASE("layers have valid shapes") {
  Graph graph = char3_graph();
  graph.layers = {{"embed", "embedding", {{batch_dim, 3}}}};
  CHECK(why_malformed(graph) == std::nullopt);
  graph.layers.push_back({"bad", "dense", {{3, 0}}});
  CHECK(why_malformed(graph) == "layer 'bad': dimension 0 is not positive");
}

TEST_CASE("attributes without sense are malformed") {
  const auto sum = [](const Shape& from, const Shape& to) {
    return why({input("x", {Element::real, from}),
                {Op::sum_to, ShapeAttributes{to}, {{0, 0}}, {{Element::real, to}}, {}}});
  };
  CHECK(sum({{2, 3}}, {{3}}) == "fine");
  CHECK(sum({{2, 3}}, {{2}}) == "node 1 (sum_to): real[2, 3] does not come from [2]");
  CHECK(sum({{3}}, {{2, 3}}) == "node 1 (sum_to): real[3] does not come from [2, 3]");
  const auto adam = [](AdamAttributes attributes) {
    std::vector<Node> nodes;
    for (const char* name : {"rate", "step", "norm", "clip", "decay"})
      nodes.push_back(input(name, scalar, std::ssize(nodes)));
    for (const char* name : {"w", "g", "m", "v"}) nodes.push_back(weight(name, scalar));
    nodes.push_back({Op::adam,
                     attributes,
                     {{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}, {6, 0}, {7, 0}, {8, 0}},
                     {scalar, scalar, scalar},
                     {}});
    return why(nodes);
  };
  CHECK(adam({}) == "fine");
  CHECK(adam({1, 0.9, 1e-7}) == "node 9 (adam): beta1 1, beta2 0.9 and epsilon 1e-07 give no step");
  CHECK(adam({0.9, -0.5, 1e-7}) != "fine");
  CHECK(adam({0.9, 0.9, 0}) != "fine");
}

}  // namespace coil::test
