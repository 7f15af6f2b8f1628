// What can be trained, and what a training step computes.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/passes/attach_adam.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/runner.hpp"

#include "tests/support/feeds.hpp"
#include "tests/support/random_graph.hpp"
#include "tests/support/sketch.hpp"

namespace coil::test {
namespace {

// softmax(x @ W), the weight under a name of its own.
Graph classifier(const std::string& weight_name, const std::string& input_name = "x") {
  Sketch sketch("Model");
  const Value x = sketch.input({{batch_dim, 2}}, input_name);
  const Value w = sketch.weight({{2, 3}}, weight_name);
  const Value logits = sketch.add(Op::matmul, {x, w}, MatmulAttributes{});
  return sketch.finish(sketch.add(Op::softmax, {logits}));
}

}  // namespace

TEST_CASE("a model that predicts classes from its input can be trained") {
  CHECK(why_untrainable(char3_graph()) == std::nullopt);
  CHECK(why_untrainable(classifier("dense.kernel")) == std::nullopt);
  CHECK(why_untrainable(classifier("adam.kernel", "train")) == std::nullopt);
}

TEST_CASE("a model that cannot be trained says why") {
  Graph two = char3_graph();
  two.outputs.push_back({"again", two.outputs[0].value, OutputKind::result});
  CHECK(why_untrainable(two) == "training needs a model with one output; Char3 has 2");
  Graph none = char3_graph();
  none.outputs.clear();
  CHECK(why_untrainable(none) == "training needs a model with one output; Char3 has 0");

  Graph logits = classifier("w");
  logits.outputs[0].value = logits.node(logits.outputs[0].value.node).operands[0];
  CHECK(why_untrainable(logits) ==
        "training needs an output that is a probability for each class, and the output of Model is "
        "a matmul; end the model with a softmax, as in `output dense(vocab, softmax)`");

  Sketch fixed("Fixed");
  const Value w = fixed.weight({{2, 3}});
  CHECK(why_untrainable(fixed.finish(fixed.add(Op::softmax, {w}))) ==
        "the output of Fixed does not depend on its input");
  Sketch bare("Bare");
  const Value x = bare.input({{batch_dim, 3}});
  CHECK(why_untrainable(bare.finish(bare.add(Op::softmax, {x}))) == "Bare has no weights to train");
}

TEST_CASE("a model that has a name that training needs cannot be trained") {
  CHECK(why_untrainable(classifier("w", "train.target")) ==
        "training needs the name 'train.target' for itself; rename that input of Model");
  CHECK(why_untrainable(classifier("train.rate")) ==
        "training needs the name 'train.rate' for itself; rename that weight of Model");
  CHECK(why_untrainable(classifier("w", "adam.mean.w")) ==
        "training needs the name 'adam.mean.w' for itself; rename that input of Model");
  CHECK(why_untrainable(classifier("w", "adam.mean.v")) == std::nullopt);
}

TEST_CASE("the loss is the mean of -log of the probability of the target") {
  const Graph graph = classifier("w");
  const Graph loss = attach_loss(graph);
  Feeds feeds = random_feeds(loss, 4, 3);
  const auto p = evaluate(graph, feeds, 4).at("output0").values;
  const auto target = feeds.at("train.target").values;
  double mean = 0;
  for (std::size_t i = 0; i < 4; ++i)
    mean -= std::log(p[3 * i + static_cast<std::size_t>(target[i])]) / 4;
  CHECK(evaluate(loss, feeds, 4).at("loss").values[0] == Approx(mean).epsilon(1e-12));
}

TEST_CASE(
    "a training step at a small rate lowers the loss, and moves each weight by about the rate") {
  Runner runner;
  const Graph step = runner.derive(runner.canonicalise(char3_graph()), Entry::train_step);
  Feeds feeds = random_feeds(
      step, 5, 11,
      {{rate_name, {1e-3, 1e-3, {}}}, {clip_name, {1e9, 1e9, {}}}, {decay_name, {0, 0, {}}}});
  for (auto& [name, array] : feeds)
    if (name.starts_with("adam.")) std::ranges::fill(array.values, 0.0);
  double last = 0;
  for (int i = 1; i <= 20; ++i) {
    feeds[update_number_name].values[0] = i;
    const auto outputs = evaluate(step, feeds, 5);
    const double loss = outputs.at("loss").values[0];
    if (i > 1) CHECK(loss < last);
    last = loss;
    for (const auto& [name, array] : outputs) {
      if (!name.starts_with("update:")) continue;
      Array& own = feeds.at(name.substr(7));
      for (std::size_t e = 0; i == 1 && !name.starts_with("update:adam.") && e < own.values.size();
           ++e)
        CHECK(std::abs(array.values[e] - own.values[e]) <= 1.0001e-3);
      own = array;
    }
  }
}

TEST_CASE("every weight of a training step is updated, and its two moments with it") {
  Runner runner;
  const Graph step = runner.derive(runner.canonicalise(char3_graph()), Entry::train_step);
  std::map<std::string, OutputKind> kinds;
  for (const Output& output : step.outputs) kinds[output.name] = output.kind;
  const auto weights = leaves(step, Op::weight);
  CHECK(weights.size() == 7);
  CHECK(step.outputs.size() == 2 + 3 * weights.size());
  CHECK(kinds.at(norm_name) == OutputKind::result);
  for (NodeId id : weights) {
    const std::string name(leaf_name(step.node(id)));
    for (const std::string& updated : {name, mean_name(name), variance_name(name)})
      CHECK(kinds.at(updated) == OutputKind::update);
  }
}

}  // namespace coil::test
