// Rows of a batch that go through all steps apart, against the interpreter.

#include "compiler/plan/rows.hpp"

#include <catch2/catch.hpp>
#include <omp.h>

#include "compiler/source/internal_error.hpp"

#include "tests/execute/run_graph.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/known_cells.hpp"
#include "tests/support/random_graph.hpp"
#include "tests/support/random_scan.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

Execution by_rows(int threads) {
  Execution execution(threads);
  execution.rows = Rows::apart;
  return execution;
}

}  // namespace

TEST_CASE("random recurrences predict by rows what their graph means, states and all") {
  std::size_t apart = 0;
  for (std::uint64_t seed = 1; seed <= cases(120); ++seed) {
    Rng rng(seed);
    const Graph graph = seed % 3 == 0 ? random_known_cells(rng).graph : random_recurrent_graph(rng);
    if (!rows_are_apart(graph)) continue;
    ++apart;
    const auto threads = static_cast<int>(rng.between(2, 4));
    const std::int64_t batch = rng.pick<std::int64_t>({threads, rng.between(threads, 40), 70});
    const Feeds feeds = rounded_to_float(random_feeds(graph, batch, seed));
    const Outputs meant = evaluate(graph, feeds, batch);
    for (const LoweringRow& row : lowerings()) {
      INFO("seed " << seed << ", batch " << batch << ", " << threads << " threads, " << row.name);
      const Graph entry = derived(graph, Entry::predict, batch, row.lowering);
      const Outputs found = run_plan(make_plan(entry, batch), feeds, threads, Rows::apart);
      CHECK(relative_distance(meant, found) <= 1e-5);
    }
  }
  CHECK(apart > cases(120) / 2);
}

TEST_CASE("graphs with every kind of output are run by rows") {
  for (const bool is_updated_with_it : {false, true}) {
    Sketch sketch;
    const Value x = sketch.input({{batch_dim, 4}}, "x"), h = sketch.state({{batch_dim, 4}}, "h");
    const Value next = sketch.add(Op::tanh, {sketch.add(Op::add, {x, h})});
    sketch.output(sketch.add(Op::exp, {next}), "y", OutputKind::result);
    sketch.output(x, "as it came", OutputKind::result);
    sketch.output(h, "before", OutputKind::result);  // is put aside while h is written
    if (is_updated_with_it) sketch.output(next, "after", OutputKind::result);
    sketch.output(next, "h", OutputKind::update);
    const Graph graph = sketch.finish();
    for (const int threads : {2, 3}) {
      const Feeds feeds = rounded_to_float(random_feeds(graph, 7, 3));
      const Outputs meant = evaluate(graph, feeds, 7);
      CHECK(relative_distance(meant, run_plan(make_plan(graph, 7), feeds, threads, Rows::apart)) <=
            1e-6);
    }
  }
}

TEST_CASE("states go on from run to run, row by row") {
  Rng rng(5);
  const KnownCells cells = random_known_cells(rng);
  Store together_store, apart_store;
  Executable together(cells.graph, Entry::predict, together_store, 2);
  Executable apart(cells.graph, Entry::predict, apart_store, by_rows(2));
  Program &all = together.at(9), &some = apart.at(9);
  REQUIRE(all.rows() == Rows::together);
  REQUIRE(some.rows() == Rows::apart);
  const Feeds feeds = rounded_to_float(random_feeds(cells.graph, 9, 1));
  for (const NodeId id : leaves(cells.graph, Op::weight)) {
    const std::string name(leaf_name(cells.graph.node(id)));
    for (Store* store : {&together_store, &apart_store})
      std::ranges::copy(feeds.at(name).values, store->values(name).begin());
  }
  for (Store* store : {&together_store, &apart_store}) store->touch();
  for (int run = 0; run < 3; ++run) {
    for (auto* executable : {&together, &apart}) {
      feed_inputs(executable->at(9), feeds);
      executable->at(9).run();
    }
    for (const Output& output : cells.graph.outputs) {
      const auto meant = all.output(output.name), found = some.output(output.name);
      REQUIRE(meant.size() == found.size());
      for (std::size_t i = 0; i < meant.size(); ++i)
        REQUIRE(found[i] == Approx(meant[i]).epsilon(1e-5).margin(1e-6));
    }
  }
  some.reset_states();
  for (const NodeId id : leaves(cells.graph, Op::state))
    for (const float value : some.state(leaf_name(cells.graph.node(id)))) CHECK(value == 0);
}

TEST_CASE("rows stay together where they meet, or where there is not one for each thread") {
  Store store;
  const Graph graph = char3_graph();
  Executable predict(graph, Entry::predict, store, by_rows(3));
  CHECK(predict.at(2).rows() == Rows::together);
  CHECK(predict.at(3).rows() == Rows::apart);
  Executable loss(graph, Entry::loss, store, by_rows(3));
  CHECK(loss.at(30).rows() == Rows::together);
  Executable alone(graph, Entry::predict, store, by_rows(1));
  CHECK(alone.at(30).rows() == Rows::together);
  onednn::PackedWeights packed;
  const Graph entry = derived(graph, Entry::loss, 30, Lowering::hoisted);
  CHECK_THROWS_AS(Program(make_plan(entry, 30), store, packed, 2, Precision::f32, Rows::apart),
                  InternalError);
}

// What it leaves of OpenMP's settings is what it found.
TEST_CASE("an index past its table is refused by rows too, and each step has a time") {
  Store store;
  const int before = omp_get_max_threads();
  Executable predict(char3_graph(), Entry::predict, store, by_rows(2));
  Program& program = predict.at(8);
  const std::string name(
      leaf_name(program.plan().graph.node(leaves(program.plan().graph, Op::input).front())));
  program.index_input(name)[7] = 7;  // the table has rows 0 to 6
  CHECK_THROWS_AS(program.run(), InternalError);
  program.index_input(name)[7] = 6;
  std::vector<double> seconds(program.repeated_steps().size());
  REQUIRE(seconds.size() > 1);
  program.run_timed(seconds);
  for (const double taken : seconds) CHECK(taken > 0);
  CHECK(omp_get_max_threads() == before);
}

}  // namespace coil::test
