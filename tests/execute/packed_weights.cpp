// Weights in oneDNN's own layouts: of every form, shared by programs, and after they changed.

#include <catch2/catch.hpp>
#include <omp.h>
#include <thread>

#include "tests/execute/run_graph.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

// One weight used as it is and transposed, with rows before it that are one, few or many.
Graph twice_used(std::int64_t k, std::int64_t n) {
  Sketch sketch;
  const Value w = sketch.weight({{k, n}}, "w");
  const Value x = sketch.input({{batch_dim, k}}, "x"), y = sketch.input({{batch_dim, n}}, "y");
  sketch.output(sketch.add(Op::matmul, {x, w}, MatmulAttributes{}), "plain");
  sketch.output(sketch.add(Op::matmul, {y, w}, MatmulAttributes{false, true}), "transposed");
  FusedMatmulAttributes fused;
  fused.bias = true;
  fused.activation = Activation::relu;
  sketch.output(sketch.add(Op::fused_matmul, {x, w, sketch.weight({{n}}, "b")}, fused), "fused");
  return sketch.finish();
}

void set_weights(Store& store, const Feeds& feeds) {
  for (const char* name : {"w", "b"})
    std::ranges::transform(feeds.at(name).values, store.values(name).begin(),
                           [](double x) { return static_cast<float>(x); });
}

Outputs run(Program& program, const Feeds& feeds) {
  for (const char* name : {"x", "y"})
    std::ranges::transform(feeds.at(name).values, program.real_input(name).begin(),
                           [](double x) { return static_cast<float>(x); });
  program.run();
  Outputs outputs;
  for (const Output& output : program.plan().graph.outputs) {
    const auto values = program.output(output.name);
    outputs[output.name] = {
        concrete_dims(program.plan().graph.type(output.value).shape, program.batch()),
        {values.begin(), values.end()}};
  }
  return outputs;
}

}  // namespace

TEST_CASE("a weight is used plain and transposed, at all sizes down to one") {
  for (const std::int64_t k : {1, 2, 16, 65})
    for (const std::int64_t n : {1, 3, 16, 64})
      for (const std::int64_t batch : {1, 2, 65}) {
        const Graph graph = twice_used(k, n);
        const Feeds feeds = rounded_to_float(random_feeds(graph, batch, 7));
        INFO(k << " x " << n << ", batch " << batch);
        CHECK(relative_distance(evaluate(graph, feeds, batch), run_graph(graph, feeds, batch)) <=
              1e-5);
      }
}

TEST_CASE("programs share packed weights, and all follow a change") {
  const Graph graph = twice_used(130, 128);
  Store store;
  Executable executable(graph, Entry::predict, store, 2);
  for (std::uint64_t seed = 1; seed <= of_cases(3u, 2u); ++seed) {
    set_weights(store, rounded_to_float(random_feeds(graph, 1, seed)));
    store.touch();
    // From a thread of its own and with another count than the programs were made with.
    const auto check = [&](std::int64_t batch) {
      const Feeds feeds = rounded_to_float(random_feeds(graph, batch, seed));
      set_weights(store, feeds);
      store.touch();
      return relative_distance(evaluate(graph, feeds, batch), run(executable.at(batch), feeds));
    };
    double here = 1, there = 1;
    here = check(64);
    std::thread([&] {
      omp_set_num_threads(seed == 2 ? 1 : 3);
      there = check(1);
    }).join();
    CHECK(here <= 1e-5);
    CHECK(there <= 1e-5);
    CHECK(check(33) <= 1e-5);
  }
}

TEST_CASE("what is computed of weights alone follows their changes, and a run does not touch it") {
  // A product of two weights is the right side of two others.
  Sketch sketch;
  const Value x = sketch.input({{batch_dim, 9}}, "x"), y = sketch.input({{batch_dim, 24}}, "y");
  const Value table =
      sketch.add(Op::matmul, {sketch.weight({{9, 40}}, "w"), sketch.weight({{40, 24}}, "b")},
                 MatmulAttributes{});
  sketch.output(sketch.add(Op::matmul, {x, table}, MatmulAttributes{}), "plain");
  sketch.output(sketch.add(Op::matmul, {y, table}, MatmulAttributes{false, true}), "transposed");
  const Graph graph = sketch.finish();
  Store store;
  Executable executable(graph, Entry::predict, store, 2);
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    for (const std::int64_t batch : {5, 1}) {
      const Feeds feeds = rounded_to_float(random_feeds(graph, batch, seed));
      set_weights(store, feeds);
      store.touch();
      Program& program = executable.at(batch);
      CHECK(program.plan().fixed == 1);
      for (int again = 0; again < 2; ++again)
        CHECK(relative_distance(evaluate(graph, feeds, batch), run(program, feeds)) <= 1e-5);
    }
}

}  // namespace coil::test
