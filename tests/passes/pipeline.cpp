#include "compiler/passes/pipeline.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "compiler/graph/builder.hpp"
#include "compiler/graph/forms.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/runner.hpp"
#include "compiler/source/internal_error.hpp"

#include "tests/support/cases.hpp"
#include "tests/support/random_graph.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

std::vector<std::string> names_run(Entry entry, Lowering lowering = Lowering::hoisted,
                                   Precision precision = Precision::f32) {
  Runner runner;
  runner.lowering = lowering;
  runner.precision = precision;
  std::vector<std::string> names;
  runner.dump = [&](const PassRow& row, const Graph&) { names.emplace_back(row.name); };
  runner.derive(runner.canonicalise(char3_graph()), entry);
  return names;
}

Graph malformed(const Graph& graph) {
  Graph broken = graph;
  broken.outputs[0].value.node = 1000;
  return broken;
}
Graph throwing(const Graph&) { throw InternalError("no such thing"); }
Graph unchanged(const Graph& graph) { return graph; }

}  // namespace

TEST_CASE("each entry runs its own rows, in the order of the table") {
  const std::vector<std::string> canonical = {
      "share_common",   "eliminate_dead", "canonicalise", "roll",        "flatten_sums",
      "eliminate_dead", "push_slices",    "flatten_sums", "hoist",       "push_slices",
      "flatten_sums",   "eliminate_dead", "cut_weights",  "pack_inputs", "eliminate_dead",
      "sort_operands",  "order_by_use"};
  const std::vector<std::string> last = {"unroll",        "canonicalise",   "push_steps",
                                         "join_parts",    "eliminate_dead", "sum_by_steps",
                                         "fold_gathers",  "pair_operands",  "fuse_elementwise",
                                         "fuse_post_ops", "eliminate_dead"};
  const auto expect = [&](Entry entry, const std::vector<std::string>& own) {
    std::vector<std::string> all = canonical;
    for (const auto* rows : {&own, &last}) all.insert(all.end(), rows->begin(), rows->end());
    CHECK(names_run(entry) == all);
  };
  expect(Entry::predict, {"remove_dropout", "merge_products", "fold_gathers"});
  expect(Entry::gradients, {"attach_loss", "attach_dropout", "merge_products", "fold_gathers",
                            "record_scans", "differentiate", "canonicalise", "eliminate_dead"});
  expect(Entry::train_step, {"attach_loss", "attach_dropout", "merge_products", "eliminate_dead",
                             "join_weights", "fold_gathers", "record_scans", "differentiate",
                             "attach_adam", "canonicalise", "eliminate_dead"});
  expect(Entry::train_step_sgd, {"attach_loss", "attach_dropout", "merge_products",
                                 "eliminate_dead", "join_weights", "fold_gathers", "record_scans",
                                 "differentiate", "attach_sgd", "canonicalise", "eliminate_dead"});
  expect(Entry::loss, {"remove_dropout", "attach_loss", "merge_products", "fold_gathers"});
}

TEST_CASE("what runs native looks for cells before anything merges what they are told by") {
  for (const Entry entry : {Entry::predict, Entry::train_step}) {
    std::vector<std::string> expected = names_run(entry);
    const auto merge = std::ranges::find(expected, "merge_products");
    expected.insert(merge, "use_native");
    CHECK(names_run(entry, Lowering::native) == expected);
  }
}

TEST_CASE("products are rounded at the end, and only where that is asked for") {
  for (const Entry entry : {Entry::predict, Entry::train_step}) {
    std::vector<std::string> names = names_run(entry);
    names.emplace_back("round_products");
    names.emplace_back("fuse_rounding");
    CHECK(names_run(entry, Lowering::hoisted, Precision::bf16) == names);
  }
}

TEST_CASE(
    "products become whole numbers where nothing is learnt, before what reads them is fused") {
  for (const Entry entry : {Entry::predict, Entry::loss}) {
    std::vector<std::string> names = names_run(entry);
    names.insert(std::ranges::find(names, "pair_operands"), "quantize_products");
    CHECK(names_run(entry, Lowering::hoisted, Precision::int8) == names);
  }
  for (const Entry entry : {Entry::gradients, Entry::train_step})
    CHECK(names_run(entry, Lowering::hoisted, Precision::int8) == names_run(entry));
}

TEST_CASE("every row has a reason and is found by its name") {
  for (const PassRow& row : pipeline()) {
    CHECK(row.reason.size() > 10);
    REQUIRE(find_pass(row.name) != nullptr);
    CHECK(find_pass(row.name)->run == row.run);
  }
  CHECK(find_pass("no_such_pass") == nullptr);
  CHECK(find_pass("") == nullptr);
}

TEST_CASE("the runner stops after the named pass, and times each") {
  Runner runner;
  runner.stop_after = "canonicalise";
  const Graph graph = runner.canonicalise(char3_graph());
  CHECK(runner.stopped());
  CHECK(runner.timings().size() == 3);
  CHECK(runner.timings().back().name == "canonicalise");
  CHECK(runner.timings().back().nodes == graph.size());
  CHECK(to_text(runner.derive(graph, Entry::train_step)) == to_text(graph));
  CHECK_FALSE(Runner().stopped());
}

TEST_CASE("the runner names the pass that left a malformed graph, the wrong form, or threw") {
  const Graph graph = char3_graph();
  const auto row = [](Graph (*run)(const Graph&), bool (*form)(const Graph&, std::string*)) {
    return PassRow{"culprit", run, Stage::canonical, form, "a test"};
  };
  CHECK_THROWS_WITH(Runner().run_one(row(malformed, nullptr), graph),
                    "pass culprit left a malformed graph: output 'output' does not exist");
  CHECK_THROWS_WITH(Runner().run_one(row(throwing, nullptr), graph),
                    "in pass culprit: no such thing");
  const Graph fused = Runner().derive(Runner().canonicalise(graph), Entry::predict);
  CHECK_THROWS_AS(Runner().run_one(row(unchanged, is_flat), fused), InternalError);
  CHECK_NOTHROW(Runner().run_one(row(unchanged, is_flat), graph));
}

TEST_CASE("forms say why a graph is not of them") {
  const Graph canonical = Runner().canonicalise(char3_graph());
  std::string why;
  CHECK(is_canonical(canonical, &why));
  const Graph fused = Runner().derive(canonical, Entry::predict);
  CHECK_FALSE(is_canonical(fused, &why));
  CHECK(why.ends_with("is a fused_matmul"));
  Graph dead = canonical;
  dead.append(dead.node(static_cast<NodeId>(dead.size() - 1)));
  CHECK_FALSE(is_canonical(dead, &why));
  CHECK(why == "node " + std::to_string(canonical.size()) + " is dead");
  Sketch difference;
  const Value x = difference.input({{batch_dim, 3}}), y = difference.input({{batch_dim, 3}});
  CHECK_FALSE(is_canonical(difference.finish(difference.add(Op::sub, {x, y})), &why));
  CHECK(why == "node 2 is a difference");
  CHECK_FALSE(is_flat(canonical, &why));  // its recurrence is a scan
  CHECK(why.ends_with("is a scan"));
}

TEST_CASE("a long chain of nodes goes through the pipeline") {
  constexpr std::uint64_t length = cases(100'000);
  Graph graph;
  Builder build(graph);
  Value x = build.leaf(Op::input, InputAttributes{{"x"}, 0, 0}, {Element::real, {{batch_dim, 1}}});
  for (std::uint64_t i = 0; i < length; ++i) x = build.add(i % 2 == 0 ? Op::tanh : Op::relu, {x});
  graph.outputs = {{"y", x, OutputKind::result}};
  const Graph rolled = Runner().canonicalise(graph);
  REQUIRE(rolled.size() == 2);
  CHECK(std::get<ScanAttributes>(rolled.node(1).attributes).steps == length / 2);
  const Graph entry = Runner().derive(rolled, Entry::predict);
  REQUIRE(entry.size() == 2);
  CHECK(body_of(entry.node(1).attributes)->graph->size() == length + 1);
}

}  // namespace coil::test
