// Which entries can be run by rows, and plans whose faces lie in given memory.

#include "compiler/plan/rows.hpp"

#include <catch2/catch.hpp>

#include "compiler/passes/runner.hpp"

#include "tests/support/random_graph.hpp"
#include "tests/support/random_scan.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

// Every value that lies in given memory, by its number, from the slots alone.
std::vector<Value> found_given(const Plan& plan) {
  std::vector<Value> found(plan.given.size(), Value{~NodeId{0}, 0});
  for (NodeId id = 0; id < plan.graph.size(); ++id)
    for (std::uint32_t i = 0; i < plan.graph.node(id).types.size(); ++i)
      if (const Slot& slot = plan.slot({id, i}); slot.storage == Storage::given)
        found.at(slot.offset) = {id, i};
  return found;
}

}  // namespace

TEST_CASE("what predicts can be run by rows; a loss, gradients and learning cannot") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    const Graph graph = random_trainable_recurrence(rng);
    INFO("seed " << seed);
    CHECK(rows_are_apart(graph));
    for (const LoweringRow& row : lowerings()) {
      Runner runner;
      runner.batch = 8;
      runner.lowering = row.lowering;
      CHECK(rows_are_apart(runner.derive(graph, Entry::predict)));
      for (const Entry entry : {Entry::loss, Entry::gradients, Entry::train_step})
        CHECK_FALSE(rows_are_apart(runner.derive(graph, entry)));
    }
  }
}

TEST_CASE("an output or an input without rows cannot be run by rows, nor can what comes of all") {
  Sketch sketch;
  const Value x = sketch.input({{batch_dim, 4}}, "x");
  const Value w = sketch.weight({{4}}, "w");
  const Value y = sketch.add(Op::add, {x, w});
  sketch.output(y, "y", OutputKind::result);
  Graph graph = sketch.finish();
  CHECK(rows_are_apart(graph));
  graph.outputs.push_back({"w", w, OutputKind::result});
  CHECK_FALSE(rows_are_apart(graph));

  Sketch told;
  const Value v = told.input({{batch_dim, 4}}, "x");
  told.output(told.add(Op::mul, {v, told.input({}, "rate")}), "y", OutputKind::result);
  CHECK_FALSE(rows_are_apart(told.finish()));

  Sketch summed;
  const Value z = summed.input({{batch_dim, 4}}, "x");
  const Value total = summed.add(Op::sum_to, {z}, ShapeAttributes{{{4}}});
  summed.output(summed.add(Op::add, {z, total}), "y", OutputKind::result);
  CHECK_FALSE(rows_are_apart(summed.finish()));
}

TEST_CASE("inputs and results lie in given memory, at every batch size under the same numbers") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Rng rng(seed);
    const Graph graph = random_recurrent_graph(rng);
    INFO("seed " << seed);
    const Plan before = make_plan(graph, 6), plan = with_given_faces(before);
    CHECK(with_given_faces(make_plan(graph, 3)).given == plan.given);
    for (const NodeId id : leaves(graph, Op::input))
      CHECK(plan.slot({id, 0}).storage == Storage::given);
    for (std::size_t i = 0; i < graph.outputs.size(); ++i)
      CHECK(plan.output_slots[i].storage != Storage::arena);
    for (const Value value : found_given(plan))
      if (value.node != ~NodeId{0}) CHECK(plan.slot(value).bytes == before.slot(value).bytes);
    // Nothing else has moved.
    for (NodeId id = 0; id < graph.size(); ++id)
      for (std::uint32_t i = 0; i < graph.node(id).types.size(); ++i)
        if (plan.slot({id, i}).storage != Storage::given)
          CHECK(plan.slot({id, i}) == before.slot({id, i}));
  }
}

}  // namespace coil::test
