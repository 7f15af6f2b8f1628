// Products of bf16: what the derived graph means, rounding and all, is what runs; on machines that do not multiply such
// numbers too (CTest runs these once more as one of them).
//
// Interpreter and program round the same numbers but for the last bits of what was computed before: where such a number
// lies halfway between two bf16, they go different ways, 2^-7 of it apart at most. That happens to about one number in
// a thousand, so that most graphs agree as closely as in f32, and those where it happens stay within `one_flip` of the
// largest number of an output, for as few numbers as are summed here.

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>

#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/eliminate_dead.hpp"
#include "compiler/passes/fuse_rounding.hpp"
#include "compiler/passes/runner.hpp"
#include "compiler/source/run_error.hpp"

#include "tests/execute/run_graph.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/known_cells.hpp"
#include "tests/support/op_cases.hpp"
#include "tests/support/random_graph.hpp"
#include "tests/support/random_scan.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test::rounded_products_test {
namespace {

constexpr double as_in_f32 = 1e-5;
constexpr double one_flip = 0x1p-6;

Graph derived(const Graph& canonical, Entry entry, std::int64_t batch, Precision precision,
              Lowering lowering = Lowering::hoisted) {
  Runner runner;
  runner.batch = batch;
  runner.lowering = lowering;
  runner.precision = precision;
  return runner.derive(canonical, entry);
}

bool has_products(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(), [](const Node& n) { return n.op == Op::to_bf16; });
}

// How many graphs of those compared agree how well.
struct Tally {
  int compared = 0, close = 0, rounded = 0;

  void compare(const Graph& rounded_graph, const Graph& graph, const Feeds& feeds,
               std::int64_t batch) {
    const Outputs meant = evaluate(rounded_graph, feeds, batch);
    const Outputs found = run_graph(rounded_graph, feeds, batch, 1);
    CHECK(whole_distance(meant, found) <= one_flip);
    CHECK(relative_distance(found, run_graph(rounded_graph, feeds, batch, 2)) == 0);
    // Against reals: another number, and not by much.
    const Outputs reals = evaluate(graph, feeds, batch);
    CHECK(whole_distance(reals, found) <= 0.1);
    ++compared;
    close += relative_distance(meant, found) <= as_in_f32;
    rounded += relative_distance(reals, found) > 1e-4;
  }
};

// Some outputs rounded, some given as they are as well.
Graph with_rounded_outputs(Graph graph, Rng& rng) {
  const std::vector<Output> outputs = std::exchange(graph.outputs, {});
  Builder build(graph);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const bool is_rounded = i == 0 || rng.coin();
    if (!is_rounded || rng.coin()) graph.outputs.push_back(outputs[i]);
    if (!is_rounded) continue;
    const Value rounded = build.add(Op::to_bf16, {outputs[i].value});
    graph.outputs.push_back({outputs[i].name + "_rounded", rounded, OutputKind::result});
  }
  return graph;
}

// One weight on the right, as it lies and transposed, of a product by one row, few or many.
Graph twice_used(std::int64_t k, std::int64_t n) {
  Sketch sketch;
  const Value w = sketch.add(Op::to_bf16, {sketch.weight({{k, n}}, "w")});
  const Value x = sketch.add(Op::to_bf16, {sketch.input({{batch_dim, k}}, "x")});
  const Value y = sketch.add(Op::to_bf16, {sketch.input({{batch_dim, n}}, "y")});
  sketch.output(sketch.add(Op::matmul, {x, w}, MatmulAttributes{}), "plain");
  sketch.output(sketch.add(Op::matmul, {y, w}, MatmulAttributes{false, true}), "transposed");
  return sketch.finish();
}

// A right side that every run changes: it is the sum of two inputs, read by four products each way.
Graph changing(std::int64_t k, std::int64_t n) {
  Sketch sketch;
  const Value sum = sketch.add(Op::add, {sketch.input({{k, n}}, "a"), sketch.input({{k, n}}, "b")});
  const Value w = sketch.add(Op::to_bf16, {sum});
  for (const char* name : {"x", "y", "z", "v"}) {
    const Value x = sketch.add(Op::to_bf16, {sketch.input({{batch_dim, k}}, name)});
    const Value y =
        sketch.add(Op::to_bf16, {sketch.input({{batch_dim, n}}, std::string(name) + "2")});
    sketch.output(sketch.add(Op::matmul, {x, w}, MatmulAttributes{}), std::string(name) + "w");
    sketch.output(sketch.add(Op::matmul, {y, w}, MatmulAttributes{false, true}),
                  std::string(name) + "w'");
  }
  return sketch.finish();
}

std::vector<const onednn::Step*> products(const Program& program) {
  std::vector<const onednn::Step*> found;
  for (const onednn::Step& step : program.steps())
    if (step.requested_type == "bf16") found.push_back(&step);
  return found;
}

}  // namespace

TEST_CASE("random models in bf16 predict what their derived graph means", "[bf16]") {
  Tally tally;
  for (std::uint64_t seed = 1; seed <= cases(150); ++seed) {
    Rng rng(seed);
    const Graph canonical = Runner().canonicalise(random_graph(rng));
    const std::int64_t batch = rng.between(1, 40);
    const Graph rounded = derived(canonical, Entry::predict, batch, Precision::bf16);
    if (!has_products(rounded)) continue;
    const Feeds feeds = rounded_to_float(random_feeds(canonical, batch, seed));
    INFO("seed " << seed << ", batch " << batch);
    tally.compare(rounded, derived(canonical, Entry::predict, batch, Precision::f32), feeds, batch);
  }
  CAPTURE(tally.compared, tally.close, tally.rounded);
  CHECK(tally.compared > static_cast<int>(cases(40)));
  CHECK(10 * tally.close > 9 * tally.compared);
  CHECK(2 * tally.rounded > tally.compared);
}

TEST_CASE("random recurrences in bf16 get the gradients of their derived graph, by every lowering",
          "[bf16]") {
  for (const LoweringRow& row : lowerings()) {
    Tally tally;
    for (std::uint64_t seed = 1; seed <= cases(60); ++seed) {
      Rng rng(seed);
      Graph graph = random_trainable_recurrence(rng);
      std::erase_if(graph.outputs, [](const Output& o) { return o.kind == OutputKind::update; });
      const std::int64_t batch = rng.between(1, 40);
      const Graph rounded = derived(graph, Entry::gradients, batch, Precision::bf16, row.lowering);
      if (!has_products(rounded)) continue;
      const Feeds feeds = rounded_to_float(random_feeds(rounded, batch, seed));
      INFO("seed " << seed << ", batch " << batch << ", " << row.name);
      tally.compare(rounded, derived(graph, Entry::gradients, batch, Precision::f32, row.lowering),
                    feeds, batch);
    }
    CAPTURE(tally.compared, tally.close, tally.rounded);
    CHECK(tally.compared > static_cast<int>(cases(40)));
    CHECK(10 * tally.close > 9 * tally.compared);
    CHECK(10 * tally.rounded > 9 * tally.compared);
  }
}

// Rounding is exact about every bit, so that where it is done shows in none.
TEST_CASE("expressions that round what they give have the bits of those that are rounded after",
          "[bf16]") {
  int fused = 0;
  for (const OpCase& op_case : op_cases()) {
    if (op_case.op != Op::fused_elementwise) continue;
    for (std::uint64_t seed = 1; seed <= cases(30); ++seed) {
      Rng rng(seed);
      const Graph after = with_rounded_outputs(op_case.build(rng), rng);
      const Graph inside = eliminate_dead(fuse_rounding(after));
      const std::int64_t batch = rng.between(1, 70);
      const Feeds feeds = rounded_to_float(random_feeds(after, batch, seed, op_case.ranges));
      INFO(op_case.name << ", seed " << seed << ", batch " << batch);
      const Outputs one = run_graph(inside, feeds, batch, 1);
      CHECK(relative_distance(evaluate(after, feeds, batch), evaluate(inside, feeds, batch)) == 0);
      CHECK(relative_distance(run_graph(after, feeds, batch, 1), one) == 0);
      CHECK(relative_distance(one, run_graph(inside, feeds, batch, 2)) == 0);
      CHECK_FALSE(has_products(inside));
      ++fused;
    }
  }
  CHECK(fused >= 4);
}

TEST_CASE("right sides in bf16 that stay, and that change, at all sizes down to one", "[bf16]") {
  for (const std::int64_t k : {1, 2, 16, 33, 65})
    for (const std::int64_t n : {1, 3, 16, 64, 70})
      for (const std::int64_t batch : {1, 2, 65})
        for (const Graph& graph : {twice_used(k, n), changing(k, n)}) {
          const Feeds feeds = rounded_to_float(random_feeds(graph, batch, 7));
          INFO(k << " x " << n << ", batch " << batch);
          const Outputs meant = evaluate(graph, feeds, batch);
          CHECK(relative_distance(meant, run_graph(graph, feeds, batch, 1)) <= as_in_f32);
          CHECK(relative_distance(meant, run_graph(graph, feeds, batch, 2)) <= as_in_f32);
        }
}

TEST_CASE("rounded weights follow a change, in programs of every batch size", "[bf16]") {
  const Graph graph = twice_used(130, 128);
  Store store;
  Executable executable(graph, Entry::predict, store, 2);
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    for (const std::int64_t batch : {64, 1, 33}) {
      const Feeds feeds = rounded_to_float(random_feeds(graph, batch, seed));
      std::ranges::transform(feeds.at("w").values, store.values("w").begin(),
                             [](double x) { return static_cast<float>(x); });
      store.touch();
      Program& program = executable.at(batch);
      feed_inputs(program, feeds);
      program.run();
      const Outputs meant = evaluate(graph, feeds, batch);
      Outputs found;
      for (const auto& [name, array] : meant) {
        const auto values = program.output(name);
        found[name] = {array.dims, {values.begin(), values.end()}};
      }
      CHECK(relative_distance(meant, found) <= as_in_f32);
    }
}

TEST_CASE("sums over thousands of rows are the same bits at any number of threads", "[bf16]") {
  for (const bool is_rounded : {false, true})
    for (const std::int64_t rows : {2047, 2048, 4097}) {
      Sketch sketch;
      Value a = sketch.input({{batch_dim, 57}}, "a"), b = sketch.input({{batch_dim, 42}}, "b");
      if (is_rounded) a = sketch.add(Op::to_bf16, {a});
      if (is_rounded) b = sketch.add(Op::to_bf16, {b});
      FusedMatmulAttributes all{true, false, true, true, Activation::tanh};
      sketch.output(
          sketch.add(Op::fused_matmul,
                     {a, b, sketch.weight({{42}}, "bias"), sketch.input({{57, 42}}, "c")}, all),
          "fused");
      sketch.output(sketch.add(Op::matmul, {a, b}, MatmulAttributes{true, false}), "plain");
      const Graph graph = sketch.finish();
      const Feeds feeds = rounded_to_float(random_feeds(graph, rows, 3, {{"a", {-.1, .1, {}}}}));
      INFO(rows << " rows, " << (is_rounded ? "bf16" : "f32"));
      const Outputs one = run_graph(graph, feeds, rows, 1);
      CHECK(relative_distance(evaluate(graph, feeds, rows), one) <= as_in_f32);
      for (const int threads : {2, 3})
        CHECK(relative_distance(one, run_graph(graph, feeds, rows, threads)) == 0);
    }
}

TEST_CASE("every product says what it was computed in, and a run can insist", "[bf16]") {
  const Graph canonical = Runner().canonicalise(char3_graph());
  Store store;
  Execution execution(1, Lowering::hoisted, Precision::bf16);
  Executable executable(canonical, Entry::train_step, store, execution, 64);
  const auto found = products(executable.at(64));
  CHECK(found.size() >= 8);
  const bool is_native = multiplies(Precision::bf16);
  if (!is_native) WARN("this machine does not multiply bf16: its products are computed in f32");
  for (const onednn::Step* step : found) {
    INFO(step->what << ": " << step->implementation);
    CHECK(step->actual_type == (is_native ? "bf16" : "f32"));
    CHECK((step->implementation.find("bf16") != std::string::npos) == is_native);
  }
  execution.require = Requirement::avx2;
  Executable insisting(canonical, Entry::train_step, store, execution, 64);
  if (is_native)
    CHECK_NOTHROW(insisting.at(64));
  else
    CHECK_THROWS_WITH(insisting.at(64), Catch::Contains("is computed in f32, not in bf16"));
}

TEST_CASE("a recurrence in f32 says that bf16 was asked for, and a run can insist", "[bf16]") {
  const Shape row{{batch_dim, 16}}, sequence{{batch_dim, 5, 16}}, matrix{{16, 64}};
  Sketch sketch;
  const NodeId cell =
      sketch.build.node(Op::recurrent, RecurrentAttributes{RecurrentCell::lstm, Activation::none},
                        {sketch.input(sequence, "x"), sketch.input(row, "h"),
                         sketch.input(row, "c"), sketch.weight(matrix, "kernel"),
                         sketch.weight(matrix, "recurrent"), sketch.weight({{64}}, "bias")});
  sketch.output({cell, 0}, "y");
  const Graph graph = sketch.finish();
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    Store store;
    store.add_leaves_of(graph);
    onednn::PackedWeights packed;
    const Program program(make_plan(graph, 3), store, packed, 1, precision);
    const auto step = std::ranges::find(program.steps(), cell, &onednn::Step::node);
    REQUIRE(step != program.steps().end());
    CHECK(step->requested_type == to_string(precision));
    CHECK(step->actual_type == "f32");
    const auto why = why_lacking(Requirement::avx512_bf16, program.steps());
    REQUIRE(why.has_value() == (precision == Precision::bf16));
    if (!why) continue;
    CHECK(why->find("lstm [3x5x16], 16 units") == 0);
    CHECK(why->find("is computed in f32, not in bf16 (" + step->implementation + ")") !=
          std::string::npos);
  }
}

TEST_CASE("a recurrence is computed in bf16 where its cell does no more with h than multiply it",
          "[bf16]") {
  int rounded = 0, kept = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Rng rng(seed);
    Graph graph = random_known_cells(rng).graph;
    std::erase_if(graph.outputs, [](const Output& o) { return o.kind == OutputKind::update; });
    const Graph entry = derived(graph, Entry::gradients, 3, Precision::bf16, Lowering::native);
    Store store;
    store.add_leaves_of(entry);
    onednn::PackedWeights packed;
    const Program program(make_plan(entry, 3), store, packed, 1, Precision::bf16);
    for (const onednn::Step& step : program.steps()) {
      if (step.what.find(" units") == std::string::npos) continue;
      const auto attributes = std::get<RecurrentAttributes>(entry.node(step.node).attributes);
      const bool multiplies_h_only =
          attributes.cell == RecurrentCell::vanilla || attributes.cell == RecurrentCell::lstm;
      INFO("seed " << seed << ", " << step.what << " by " << step.implementation);
      CHECK(attributes.rounded == multiplies_h_only);
      CHECK(step.requested_type == "bf16");
      const bool in_bf16 = attributes.rounded && multiplies(Precision::bf16);
      CHECK(step.actual_type == (in_bf16 ? "bf16" : "f32"));
      CHECK((step.implementation.find("bf16") != std::string::npos) == in_bf16);
      ++(attributes.rounded ? rounded : kept);
    }
  }
  CHECK(rounded > 10);
  CHECK(kept > 10);
}

// oneDNN takes other instructions without a word, five times slower.
TEST_CASE("a recurrence of odd width is none by AMX", "[bf16]") {
  if (!has(Requirement::amx)) {
    WARN("this machine has no AMX");
    return;
  }
  for (const std::int64_t inputs : {6, 7})
    for (const std::int64_t units : {16, 17}) {
      const Shape sequence{{batch_dim, 5, inputs}}, row{{batch_dim, units}};
      Sketch sketch;
      const Value x = sketch.add(Op::to_bf16, {sketch.input(sequence, "x")});
      const Value h = sketch.add(Op::to_bf16, {sketch.input(row, "h")});
      const Value k = sketch.add(Op::to_bf16, {sketch.weight({{inputs, units}}, "kernel")});
      const Value u = sketch.add(Op::to_bf16, {sketch.weight({{units, units}}, "recurrent")});
      const RecurrentAttributes cell{RecurrentCell::vanilla, Activation::tanh, true};
      const NodeId node =
          sketch.build.node(Op::recurrent, cell, {x, h, k, u, sketch.weight({{units}}, "bias")});
      sketch.output({node, 0}, "y");
      const Graph graph = sketch.finish();
      Store store;
      store.add_leaves_of(graph);
      onednn::PackedWeights packed;
      const Program program(make_plan(graph, 64), store, packed, 1, Precision::bf16);
      const auto why = why_lacking(Requirement::amx, program.steps());
      CHECK(why.has_value() == (inputs % 2 == 1 || units % 2 == 1));
      if (why) CHECK(why->find("is computed without it (") != std::string::npos);
    }
}

TEST_CASE("what is required of products is told by the first that lacks it", "[bf16]") {
  onednn::Step good, slow;
  good.requested_type = good.actual_type = slow.requested_type = "bf16";
  good.implementation = "brg:avx512_core_bf16";
  slow.what = "[7x33] @ [33x5]";
  slow.node = 12;
  slow.implementation = "gemm:jit";
  const std::vector<onednn::Step> one{good}, both{good, slow};
  CHECK_NOTHROW(require_products(Requirement::avx512_bf16, one));
  CHECK_THROWS_WITH(require_products(Requirement::avx512, both),
                    "--require avx512: [7x33] @ [33x5] (node 12) is computed in f32, not in bf16 "
                    "(gemm:jit)");
  CHECK_THROWS_WITH(require_products(Requirement::amx, one),
                    Catch::Contains("is computed without it (brg:avx512_core_bf16)"));
  CHECK_THROWS_AS(require_machine(Requirement::amx, Precision::f32), RunError);
  CHECK_NOTHROW(require_machine(Requirement::avx2, Precision::bf16));
}

TEST_CASE("Char3 in bf16 learns, and its weights stay f32", "[bf16]") {
  const Graph canonical = Runner().canonicalise(char3_graph());
  const auto losses = [&](Precision precision) {
    Store store;
    Executable executable(canonical, Entry::train_step, store,
                          Execution(2, Lowering::hoisted, precision), 64);
    Program& program = executable.at(64);
    Rng rng(3);
    for (const NodeId id : leaves(executable.graph(), Op::weight))
      for (float& x : store.values(std::string(leaf_name(executable.graph().node(id)))))
        x = static_cast<float>(rng.uniform(-0.3, 0.3));
    std::vector<float> found;
    for (int step = 1; step <= 100; ++step) {
      for (const NodeId id : leaves(executable.graph(), Op::input)) {
        const Node& node = executable.graph().node(id);
        const std::string name(leaf_name(node));
        if (node.types[0].element == Element::real) continue;
        // The target is the first of the three characters.
        const auto values = program.index_input(name);
        for (std::size_t i = 0; i < values.size(); ++i)
          values[i] = static_cast<std::int32_t>((i * 5 + i / 7) % 7);
      }
      program.real_input("train.rate")[0] = 0.05f;
      program.real_input("train.update")[0] = static_cast<float>(step);
      program.real_input("train.clip")[0] = std::numeric_limits<float>::infinity();
      program.run();
      found.push_back(program.output(loss_name)[0]);
    }
    return found;
  };
  const std::vector<float> reals = losses(Precision::f32), rounded = losses(Precision::bf16);
  CHECK(rounded.back() < 0.5f * rounded.front());
  CHECK(rounded.back() < 1.05f * reals.back() + 0.02f);
  CHECK(rounded != reals);
}

}  // namespace coil::test::rounded_products_test
