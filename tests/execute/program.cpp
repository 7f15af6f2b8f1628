// What a Program refuses, keeps and packs.

#include <catch2/catch.hpp>

#include "compiler/source/internal_error.hpp"

#include "tests/execute/run_graph.hpp"
#include "tests/support/random_graph.hpp"

namespace coil::test {
namespace {

struct Ready {
  Store store;
  Executable executable;
  explicit Ready(Entry entry) : executable(char3_graph(), entry, store, 2) {}
};

void fill(Store& store, const Graph& graph, float value) {
  for (const NodeId id : leaves(graph, Op::weight))
    std::ranges::fill(store.values(std::string(leaf_name(graph.node(id)))), value);
}

std::string first_index_input(const Graph& graph) {
  return std::string(leaf_name(graph.node(leaves(graph, Op::input).front())));
}

}  // namespace

TEST_CASE("a program is created once a batch size and kept") {
  Ready ready(Entry::predict);
  Program& three = ready.executable.at(3);
  Program& one = ready.executable.at(1);
  CHECK(&ready.executable.at(3) == &three);
  CHECK(&three != &one);
  CHECK(three.batch() == 3);
}

TEST_CASE("an index past its table is refused before any kernel reads") {
  Ready ready(Entry::predict);
  Program& program = ready.executable.at(2);
  const std::string name = first_index_input(ready.executable.graph());
  program.index_input(name)[1] = 7;  // the table has rows 0 to 6
  CHECK_THROWS_AS(program.run(), InternalError);
  program.index_input(name)[1] = -1;
  CHECK_THROWS_AS(program.run(), InternalError);
  program.index_input(name)[1] = 6;
  CHECK_NOTHROW(program.run());
}

TEST_CASE("unknown names and wrong kinds are refused") {
  Ready ready(Entry::predict);
  Program& program = ready.executable.at(1);
  CHECK_THROWS_AS(program.index_input("nobody"), InternalError);
  CHECK_THROWS_AS(program.real_input(first_index_input(ready.executable.graph())), InternalError);
  CHECK_THROWS_AS(program.output("nothing"), InternalError);
}

TEST_CASE("packed weights follow the store when it is touched") {
  Ready ready(Entry::predict);
  const Graph& graph = ready.executable.graph();
  const std::string output = graph.outputs[0].name;
  fill(ready.store, graph, 0.0f);
  ready.store.touch();
  Program& program = ready.executable.at(1);
  program.run();
  const float even = program.output(output)[0];
  CHECK(even == Approx(1.0 / static_cast<double>(program.output(output).size())));

  for (const NodeId id : leaves(graph, Op::weight)) {
    const auto values = ready.store.values(std::string(leaf_name(graph.node(id))));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.1f * static_cast<float>(i % 7);
  }
  ready.store.touch();
  ready.executable.at(1).run();
  CHECK(program.output(output)[0] != Approx(even));
}

}  // namespace coil::test
