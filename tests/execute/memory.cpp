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

TEST_CASE("a state whose memory is of another batch is not run over") {
  Sketch sketch;
  const Value state = sketch.state({{batch_dim, 4}}, "s");
  const Graph graph = sketch.finish(sketch.add(Op::exp, {state}));
  Store store;
  store.add_leaves_of(graph, 1);
  onednn::PackedWeights packed;
  CHECK_NOTHROW(Program(make_plan(graph, 1), store, packed, 1));
  CHECK_THROWS_AS(Program(make_plan(graph, 64), store, packed, 1), InternalError);
}

}  // namespace coil::test
