// No pass changes what a graph computes.

#include <catch2/catch.hpp>

#include "compiler/graph/forms.hpp"
#include "compiler/graph/text.hpp"
#include "compiler/graph/verify.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/runner.hpp"
#include "compiler/passes/unroll.hpp"

#include "tests/support/cases.hpp"
#include "tests/support/feeds.hpp"
#include "tests/support/random_graph.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test::semantics_test {
namespace {

constexpr double tolerance = 1e-12;
constexpr std::uint64_t graphs = cases(300);

const char* const rewriting_passes[] = {"share_common",  "canonicalise",  "eliminate_dead",
                                        "order_by_use",  "roll",          "flatten_sums",
                                        "push_slices",   "hoist",         "cut_weights",
                                        "pack_inputs",   "sort_operands", "pair_operands",
                                        "fuse_post_ops", "fold_gathers",  "merge_products",
                                        "join_parts",    "push_steps",    "fuse_elementwise",
                                        "sink_steps",    "sum_by_steps",  "join_weights"};

// A batch for which everything is worth it that is worth it for any.
Runner for_many_rows() {
  Runner runner;
  runner.batch = 1'000'000;
  return runner;
}

// Without the form a row establishes: it may ask for other passes before it.
Graph run(std::string_view pass, const Graph& graph) {
  PassRow row = *find_pass(pass);
  row.establishes = nullptr;
  return for_many_rows().run_one(row, graph);
}

double change(const Graph& before, const Graph& after, std::uint64_t seed) {
  const std::int64_t batch = seed % 2 == 0 ? 1 : 3;
  const Feeds feeds = random_feeds(before, batch, seed);
  return distance(evaluate(before, feeds, batch), evaluate(after, feeds, batch));
}

bool all_finite(const Graph& graph, std::uint64_t seed) {
  const auto outputs = evaluate(graph, random_feeds(graph, 1, seed), 1);
  return distance(outputs, outputs) == 0;
}

}  // namespace

TEST_CASE("random graphs are well-formed, and no pass changes their outputs") {
  std::map<std::string_view, std::uint64_t> changed;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    Rng rng(seed);
    const Graph graph = random_graph(rng);
    INFO("seed " << seed << "\n" << to_text(graph));
    REQUIRE(why_malformed(graph) == std::nullopt);
    REQUIRE(all_finite(graph, seed));
    for (const char* pass : rewriting_passes) {
      INFO(pass);
      const Graph after = run(pass, graph);
      CHECK(change(graph, after, seed) <= tolerance);
      changed[pass] += to_text(after) != to_text(graph);
    }
  }
  // Equal nodes do not arise from a Builder, nor sequences here; every other pass has work on a good part of
  // the graphs.
  for (const char* pass : {"canonicalise", "eliminate_dead", "order_by_use", "fuse_post_ops",
                           "flatten_sums", "sort_operands"}) {
    INFO(pass);
    CHECK(changed[pass] > graphs / 5);
  }
  CHECK(changed["pair_operands"] > graphs / 20);  // negations in sums are few
}

TEST_CASE("join_weights computes the same of the same weights, along any axis") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    Sketch sketch;
    Shape shape = random_fixed_shape(rng, 1, 3);
    const std::int64_t axis = rng.between(0, static_cast<std::int64_t>(shape.rank()) - 1);
    std::vector<Value> parts;
    for (std::int64_t i = rng.between(2, 4); i > 0; --i) {
      shape.dims[static_cast<std::size_t>(axis)] = rng.between(1, 4);
      parts.push_back(sketch.weight(shape, "w" + std::to_string(i)));
    }
    const Graph graph = sketch.finish(
        sketch.add(Op::tanh, {sketch.add(Op::concat, parts, ConcatAttributes{axis, false})}));
    INFO(to_text(graph));
    const Graph joined = run("join_weights", graph);
    CHECK(leaves(joined, Op::weight).size() == 1);
    CHECK(change(graph, joined, seed) == 0);
  }
}

TEST_CASE("share_common makes copies one and changes no output") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    const Graph graph = random_graph(rng);
    // Every node that is no leaf twice, users of the second.
    Graph doubled = graph;
    for (const Node& node : graph.nodes())
      if (!node.operands.empty()) doubled.append(node);
    const Graph shared = run("share_common", doubled);
    CHECK(shared.size() == graph.size());
    CHECK(to_text(shared) == to_text(graph));
  }
}

TEST_CASE("the canonical form is established, stays as it is, and computes the same") {
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    Rng rng(seed);
    const Graph graph = random_graph(rng);
    INFO("seed " << seed << "\n" << to_text(graph));
    const Graph once = Runner().canonicalise(graph);
    std::string why;
    CHECK(is_canonical(once, &why));
    CHECK(change(graph, once, seed) <= tolerance);
    CHECK(to_text(Runner().canonicalise(unroll(once))) == to_text(once));
    // Each pass that still has a say in it leaves it alone, in any order; canonicalise has an order of its own.
    for (const char* pass :
         {"share_common", "eliminate_dead", "flatten_sums", "push_slices", "hoist", "cut_weights",
          "pack_inputs", "sort_operands", "order_by_use"}) {
      INFO(pass);
      const Graph again =
          run("order_by_use", run("sort_operands", run("eliminate_dead", run(pass, once))));
      CHECK(to_text(again) == to_text(once));
    }
  }
}

TEST_CASE("canonicalise alone is idempotent") {
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    Rng rng(seed);
    const Graph once = run("canonicalise", random_graph(rng));
    CHECK(to_text(run("canonicalise", once)) == to_text(once));
  }
}

TEST_CASE("fusing is idempotent") {
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    Rng rng(seed);
    const Graph live = run("eliminate_dead", random_graph(rng));  // dead users keep a product apart
    const Graph once = run("eliminate_dead", run("fuse_post_ops", live));
    CHECK(to_text(run("eliminate_dead", run("fuse_post_ops", once))) == to_text(once));
  }
}

TEST_CASE("predict computes what the canonical graph does") {
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    Rng rng(seed);
    const Graph graph = Runner().canonicalise(random_graph(rng));
    CHECK(change(graph, Runner().derive(graph, Entry::predict), seed) <= tolerance);
    CHECK(change(graph, for_many_rows().derive(graph, Entry::predict), seed) <= tolerance);
  }
}

TEST_CASE("the passes after differentiation change no loss and no gradient") {
  int trained = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    const Graph graph = Runner().canonicalise(random_trainable_graph(rng));
    if (why_untrainable(graph)) continue;  // simplified down to constants
    ++trained;
    const Graph plain = run("differentiate", run("attach_loss", graph));
    CHECK(change(plain, Runner().derive(graph, Entry::gradients), seed) <= tolerance);
    CHECK(change(plain, for_many_rows().derive(graph, Entry::gradients), seed) <= tolerance);
    const Graph step = Runner().derive(graph, Entry::train_step);
    const Graph plain_step = run("attach_adam", plain);
    const Feeds feeds = random_feeds(
        plain_step, 2, seed, {{"train.update", {3, 3, {}}}, {"train.rate", {0.01, 0.1, {}}}});
    Feeds positive = feeds;
    for (auto& [name, array] : positive)
      if (name.starts_with("adam.variance."))
        for (double& v : array.values) v = 0.1 + v * v;
    CHECK(distance(evaluate(plain_step, positive, 2), evaluate(step, positive, 2)) <= tolerance);
  }
  CHECK(trained > 80);
}

}  // namespace coil::test::semantics_test
