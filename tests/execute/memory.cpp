// Sizes past the machine: an error that says so, before anything is allocated.

#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"

#include "tests/execute/run_graph.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

template <typename Action>
std::string refusal(const Action& action) {
  try {
    action();
  } catch (const RunError& error) {
    CHECK(error.code() == ExitCode::usage);
    return error.what();
  }
  return "nothing";
}

Graph wide(std::int64_t columns) {
  Sketch sketch("Wide");
  return sketch.finish(sketch.add(Op::exp, {sketch.input({{batch_dim, columns}}, "x")}));
}

std::string refusal_of(const Graph& graph, std::int64_t batch) {
  return refusal([&] {
    Store store;
    store.add_leaves_of(graph);
    onednn::PackedWeights packed;
    const Program program(make_plan(graph, batch), store, packed, 1);
  });
}

}  // namespace

TEST_CASE("a batch past the machine's memory is refused with its numbers") {
  const auto rows = static_cast<std::int64_t>(machine_memory() / 4 / 1024);
  const std::string why = refusal_of(wide(1024), rows);
  CHECK(why.find(fmt::format("Wide at batch {} needs ", rows)) == 0);
  CHECK(why.find(fmt::format("this machine has {}", machine_memory())) != std::string::npos);
  CHECK(refusal_of(wide(1024), 2) == "nothing");
}

TEST_CASE("sizes whose sums would wrap are refused") {
  const std::string why = refusal_of(wide(std::int64_t{1} << 31), std::int64_t{1} << 40);
  CHECK(why.find("which no machine has") != std::string::npos);
  CHECK(refusal_of(wide(7), std::numeric_limits<std::int64_t>::max()) != "nothing");
  // Each value is small enough, all of them are not.
  Sketch sketch;
  Value x = sketch.input({{batch_dim, std::int64_t{1} << 31}}, "x");
  for (int i = 0; i < 40; ++i) sketch.output(x = sketch.add(Op::exp, {x}));
  CHECK(refusal_of(sketch.finish(), std::int64_t{1} << 19).find("no machine") != std::string::npos);
}

TEST_CASE("a buffer past the machine's memory is refused") {
  CHECK(refusal([] { AlignedBuffer{machine_memory() + 1}; }) != "nothing");
  CHECK(refusal([] { AlignedBuffer{~std::size_t{0}}; }) != "nothing");
}

TEST_CASE("buffers count together, and no more once they are given back") {
  constexpr std::size_t megabyte = std::size_t{1} << 20;
  // The message names what is in use.
  const auto full = [] { return refusal([] { AlignedBuffer{machine_memory()}; }); };
  const AlignedBuffer always(64);
  const std::string before = full();
  {
    AlignedBuffer one(megabyte), two(megabyte);
    CHECK(full() != before);
    AlignedBuffer moved = std::move(one);
    two = std::move(moved);
  }
  CHECK(full() == before);
}

TEST_CASE("a state has the batch of its program") {
  Sketch sketch;
  const Value state = sketch.state({{batch_dim, 4}}, "s");
  sketch.output(sketch.add(Op::add, {state, sketch.input({{batch_dim, 4}}, "x")}), "s",
                OutputKind::update);
  const Graph graph = sketch.finish();
  Store store;
  store.add_leaves_of(graph);
  CHECK_FALSE(store.has("s"));
  onednn::PackedWeights packed;
  Program one(make_plan(graph, 1), store, packed, 1);
  Program many(make_plan(graph, 64), store, packed, 1);
  CHECK(one.state("s").size() == 4);
  CHECK(many.state("s").size() == 256);
  std::ranges::fill(many.real_input("x"), 1.0f);
  many.run();
  many.run();
  CHECK(many.state("s")[255] == 2.0f);
  CHECK(one.state("s")[0] == 0.0f);
  many.state("s")[3] = 5.0f;
  many.run();
  CHECK(many.state("s")[3] == 6.0f);
  CHECK(many.output("s")[3] == 6.0f);
  many.reset_states();
  CHECK(std::ranges::count(many.state("s"), 0.0f) == 256);
  CHECK_THROWS_AS(many.state("t"), InternalError);
}

}  // namespace coil::test
