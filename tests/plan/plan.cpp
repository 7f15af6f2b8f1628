#include "compiler/plan/plan.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/support/random_graph.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

bool same_place(const Plan& plan, Value a, Value b) {
  const Slot &x = plan.slot(a), &y = plan.slot(b);
  return x.storage == y.storage && x.offset == y.offset && x.leaf == y.leaf;
}

}  // namespace

TEST_CASE("a function of a value that dies there is computed in its place") {
  Sketch sketch;
  const Value x = sketch.input({{batch_dim, 4}}, "x");
  const Value a = sketch.add(Op::exp, {x});
  const Value b = sketch.add(Op::tanh, {a});
  sketch.output(b, "y", OutputKind::result);
  const Plan plan = make_plan(sketch.finish(), 3);
  CHECK(same_place(plan, a, b));
  CHECK_FALSE(same_place(plan, x, a));  // an input stays as it was fed
}

TEST_CASE("a value that is needed again keeps its place") {
  Sketch sketch;
  const Value x = sketch.input({{batch_dim, 4}}, "x");
  const Value a = sketch.add(Op::exp, {x});
  const Value b = sketch.add(Op::tanh, {a});
  const Value c = sketch.add(Op::mul, {a, b});
  sketch.output(c, "y", OutputKind::result);
  sketch.output(b, "b", OutputKind::result);
  const Plan plan = make_plan(sketch.finish(), 3);
  CHECK_FALSE(same_place(plan, a, b));
  CHECK_FALSE(same_place(plan, b, c));  // an output is not computed over
  CHECK(same_place(plan, a, c));
}

TEST_CASE("a value of another type does not take the place") {
  Sketch sketch;
  const Value x = sketch.input({{batch_dim, 4}}, "x");
  const Value a = sketch.add(Op::exp, {x});
  const Value row = sketch.add(Op::sum_to, {a}, ShapeAttributes{{{4}}});
  const Value b = sketch.add(Op::add, {row, x});
  sketch.output(b, "y", OutputKind::result);
  const Plan plan = make_plan(sketch.finish(), 1);
  CHECK_FALSE(same_place(plan, row, b));
}

TEST_CASE("weights and moments are updated where they are") {
  Sketch sketch;
  const Value w = sketch.weight({{4}}, "w");
  const Value m = sketch.state({{4}}, "m"), v = sketch.state({{4}}, "v");
  std::vector<Value> operands;
  for (const char* name : {"rate", "step", "norm", "clip", "decay"})
    operands.push_back(sketch.input({}, name));
  const Value g = sketch.add(Op::exp, {w});
  operands.insert(operands.end(), {w, g, m, v});
  const NodeId adam = sketch.build.node(Op::adam, AdamAttributes{}, operands);
  sketch.output({adam, 0}, "w", OutputKind::update);
  sketch.output({adam, 1}, "m", OutputKind::update);
  sketch.output({adam, 2}, "v", OutputKind::update);
  const Plan plan = make_plan(sketch.finish(), 1);
  CHECK(same_place(plan, w, {adam, 0}));
  CHECK(same_place(plan, m, {adam, 1}));
  CHECK(same_place(plan, v, {adam, 2}));
  CHECK(plan.copies.empty());
}

TEST_CASE("a weight that is read after its update is copied back at the end") {
  Sketch sketch;
  const Value w = sketch.weight({{4}}, "w");
  const Value next = sketch.add(Op::exp, {w});
  const Value late = sketch.add(Op::mul, {next, w});
  sketch.output(next, "w", OutputKind::update);
  sketch.output(late, "y", OutputKind::result);
  const Plan plan = make_plan(sketch.finish(), 1);
  CHECK_FALSE(same_place(plan, w, next));
  REQUIRE(plan.copies.size() == 1);
  CHECK(plan.copies[0].value == next);
  CHECK(plan.copies[0].to.storage == Storage::bound);
  CHECK(plan.copies[0].to.leaf == w.node);
}

TEST_CASE("a weight that is itself an output keeps its old value") {
  Sketch sketch;
  const Value w = sketch.weight({{4}}, "w");
  const Value next = sketch.add(Op::exp, {w});
  sketch.output(next, "w", OutputKind::update);
  sketch.output(w, "old", OutputKind::result);
  const Plan plan = make_plan(sketch.finish(), 1);
  CHECK_FALSE(same_place(plan, w, next));
  REQUIRE(plan.copies.size() == 2);
  CHECK(plan.copies[0].value == w);  // saved before the second copy writes over it
  CHECK(plan.copies[0].to.storage == Storage::arena);
  CHECK(plan.copies[1].value == next);
  CHECK(plan.output_slots[0].leaf == w.node);
  CHECK(plan.output_slots[1].storage == Storage::arena);
}

TEST_CASE("an addend that is also a factor is not computed over") {
  const auto taken = [](bool factor) {
    Sketch sketch;
    const Value x = sketch.input({{batch_dim, 4}}, "x");
    const Value w = sketch.weight({{4, 4}}, "w");
    const Value a = sketch.add(Op::exp, {x});
    FusedMatmulAttributes sum;
    sum.addend = true;
    const Value y = sketch.add(Op::fused_matmul, {factor ? a : x, w, a}, sum);
    sketch.output(y, "y", OutputKind::result);
    return same_place(make_plan(sketch.finish(), 3), a, y);
  };
  CHECK(taken(false));
  CHECK_FALSE(taken(true));
}

TEST_CASE("what depends on weights that stay comes first, and keeps its place for every run") {
  Sketch sketch("Table");
  const Value x = sketch.input({{batch_dim, 4}}, "x");
  const Value a = sketch.add(Op::exp, {x});
  const Value kept = sketch.weight({{4}}, "kept"), trained = sketch.weight({{4}}, "trained");
  const Value row = sketch.add(Op::exp, {kept});
  const Value table = sketch.add(Op::tanh, {row});
  const Value changing = sketch.add(Op::exp, {trained});
  const Value b = sketch.add(Op::add, {a, table});
  sketch.output(b, "y", OutputKind::result);
  sketch.output(changing, "trained", OutputKind::update);
  const Plan plan = make_plan(sketch.finish(), 3);
  REQUIRE(plan.fixed == 2);
  CHECK(plan.schedule[0] == row.node);
  CHECK(plan.schedule[1] == table.node);
  for (const Value fixed : {row, table})
    for (const Value other : {x, a, b}) CHECK_FALSE(same_place(plan, fixed, other));
  CHECK_FALSE(same_place(plan, row, table));
  CHECK(to_text(plan).find(fmt::format("once\n  %{} = exp(kept)", row.node)) != std::string::npos);
}

TEST_CASE("the plan's text tells every place") {
  Sketch sketch("Small");
  const Value x = sketch.input({{batch_dim, 4}}, "x");
  const Value w = sketch.weight({{4, 2}}, "w");
  const Value a = sketch.add(Op::exp, {x});
  const Value p = sketch.add(Op::matmul, {a, w}, MatmulAttributes{});
  sketch.output(sketch.add(Op::tanh, {p}), "y", OutputKind::result);
  CHECK(to_text(make_plan(sketch.finish(), 8)) ==
        "plan of Small at batch 8: 3 nodes, arena 320 bytes (no placement below 320)\n"
        "leaves\n"
        "  input x real[batch, 4] -> arena+0 (128 bytes)\n"
        "  weight w real[4, 2] -> w\n"
        "schedule\n"
        "  %2 = exp(x)\n"
        "      real[batch, 4] -> arena+128 (128 bytes)\n"
        "  %3 = matmul(%2, w)\n"
        "      real[batch, 2] -> arena+256 (64 bytes)\n"
        "  %4 = tanh(%3)\n"
        "      real[batch, 2] -> arena+256 (64 bytes), in place of %3\n");
}

TEST_CASE("plans of random graphs lay nothing over what is needed") {
  // Whether values survive is told by running them: tests/execute. Here: the arena is bounded below, and
  // every slot lies inside.
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Rng rng(seed);
    const Plan plan = make_plan(random_graph(rng), rng.between(1, 9));
    CHECK(plan.arena_bytes >= plan.least_arena_bytes);
    for (NodeId id = 0; id < plan.graph.size(); ++id)
      for (const Slot& slot : plan.slots[id])
        if (slot.storage == Storage::arena) CHECK(slot.offset + slot.bytes <= plan.arena_bytes);
  }
}

}  // namespace coil::test
