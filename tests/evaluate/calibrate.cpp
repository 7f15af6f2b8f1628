// Ranges that a text tells, and what int8 costs by them.

#include "runtime/evaluate/calibrate.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "compiler/graph/faces.hpp"
#include "compiler/graph/hash.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/train/trainer.hpp"

#include "tests/train/models.hpp"

namespace coil::test::calibrate_test {
namespace {

constexpr auto to_the_end = [](std::int64_t, const Evaluation&) { return true; };

std::string words() { return small_text().substr(0, 203); }

constexpr const char* built_in = R"(
model Spelled(vocab = 30) {
  input c[4]: index(vocab)
  output c |> embedding(vocab, 6) |> lstm(10, stateful = true) |> dense(vocab, softmax)
}
)";

// One weight where the layer has two, of which each is multiplied by what has a range of its own.
constexpr const char* joined = R"(
model Spelled(vocab = 30) {
  input c[4]: index(vocab)
  layer embed = embedding(vocab, 6)
  weight V: real[16, 40] = glorot_uniform
  weight b: real[40]     = lstm_bias
  state h, s: real[10]
  for t in 0..4 {
    i, f, g, o = split(concat(embed(c[t]), h) @ V + b, 4)
    s = sigmoid(f) * s + sigmoid(i) * tanh(g)
    h = sigmoid(o) * tanh(s)
    y[t] = h
  }
  output y |> dense(vocab, softmax)
}
)";

std::vector<std::string> weight_leaves(const Model& model) {
  std::vector<std::string> names;
  for (const NodeId id : leaves(model.graph, Op::weight))
    names.emplace_back(leaf_name(model.graph.node(id)));
  return names;
}

double loss_in(Model& model, Scheme scheme, const Execution& execution) {
  return Evaluator(model, words(), "text", {scheme, 7, execution}).run(to_the_end).loss();
}

}  // namespace

TEST_CASE("a model calibrated on a text predicts it in int8, and loses little") {
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams}) {
    INFO(to_string(scheme));
    Model model = model_for(scheme);
    Trainer trainer(model, small_text(), "text", recipe_for(scheme), 1);
    trainer.run_epoch(go_on);
    Execution execution(1, Lowering::hoisted, Precision::int8);
    const double reals = loss_in(model, scheme, 1);
    // Without ranges nothing is rounded.
    CHECK(loss_in(model, scheme, execution) == reals);
    const auto ranges =
        std::make_shared<Ranges>(calibrate(model, words(), "text", {scheme, 7, 1}).ranges);
    REQUIRE_FALSE(ranges->empty());
    execution.ranges = ranges;
    for (const LoweringRow& row : lowerings()) {
      execution.lowering = row.lowering;
      const double whole = loss_in(model, scheme, execution);
      CHECK(whole != reals);
      CHECK(whole == Approx(reals).epsilon(0.01));
    }
  }
}

TEST_CASE("ranges do not depend on threads or the batch, and grow with the text") {
  Model model = model_for(Scheme::windows);
  const Ranges all = calibrate(model, words(), "text", {Scheme::windows, 7, 1}).ranges;
  const Ranges others = calibrate(model, words(), "text", {Scheme::windows, 64, 2}).ranges;
  const Ranges part =
      calibrate(model, words().substr(0, 20), "text", {Scheme::windows, 7, 1}).ranges;
  REQUIRE(all.size() == others.size());
  REQUIRE(all.size() == part.size());
  for (const auto& [name, range] : all) {
    INFO(name);
    CHECK(range > 0);
    CHECK(others.at(name) == Approx(range).epsilon(1e-5));
    CHECK(part.at(name) <= range * (1 + 1e-5f));
  }
}

TEST_CASE("spellings of one recurrence have the same ranges, and lose the same to the last bit") {
  Model first = ready_from_text(built_in), second = ready_from_text(joined);
  REQUIRE(hash_of(first.graph) == hash_of(second.graph));
  const auto names = weight_leaves(first), others = weight_leaves(second);
  REQUIRE(names != others);
  for (std::size_t i = 0; i < names.size(); ++i)
    std::ranges::copy(first.store.values(names[i]), second.store.values(others[i]).begin());
  second.store.touch();
  const EvaluateOptions options{Scheme::streams, 7, 1};
  const Ranges mine = calibrate(first, words(), "text", options).ranges;
  const Ranges theirs = calibrate(second, words(), "text", options).ranges;
  CHECK(mine.size() == theirs.size());
  std::set<float> different;
  for (std::size_t i = 0; i < names.size(); ++i) {
    INFO(names[i] << " and " << others[i]);
    REQUIRE(mine.contains(names[i]) == theirs.contains(others[i]));
    if (!mine.contains(names[i])) continue;
    CHECK(mine.at(names[i]) == theirs.at(others[i]));
    different.insert(mine.at(names[i]));
  }
  CHECK(different.size() >= 2);  // what is read, and what is remembered
  Execution execution(1, Lowering::hoisted, Precision::int8);
  execution.ranges = std::make_shared<Ranges>(mine);
  const double loss = loss_in(first, Scheme::streams, execution);
  execution.ranges = std::make_shared<Ranges>(theirs);
  CHECK(loss_in(second, Scheme::streams, execution) == loss);
}

TEST_CASE("a model with broken weights is not calibrated") {
  Model model = model_for(Scheme::windows);
  for (const StoredWeight& weight : stored_weights(model.graph)) {
    std::vector<float> values = model.store.stored(weight.name);
    values[0] = std::nanf("");
    model.store.set_stored(weight.name, values);
  }
  CHECK_THROWS_AS(calibrate(model, words(), "text", {Scheme::windows, 7, 1}), RunError);
}

}  // namespace coil::test::calibrate_test
