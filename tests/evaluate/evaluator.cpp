// Measuring against the plain calculation that the interpreter makes, and against what training reports.

#include "runtime/evaluate/evaluator.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/graph/evaluate.hpp"
#include "compiler/graph/faces.hpp"

#include "runtime/train/trainer.hpp"

#include "tests/train/models.hpp"

namespace coil::test {
namespace {

constexpr auto to_the_end = [](std::int64_t, const Evaluation&) { return true; };

Evaluation measured(Model& model, const std::string& text, Scheme scheme, std::int64_t batch,
                    int threads = 1) {
  return Evaluator(model, text, "text", {scheme, batch, threads}).run(to_the_end);
}

Feeds weights_of_model(const Model& model) {
  Feeds feeds;
  for (const StoredWeight& weight : stored_weights(model.graph)) {
    const auto values = model.store.stored(weight.name);
    feeds[weight.name] = {weight.shape.dims, {values.begin(), values.end()}};
  }
  return feeds;
}

// One window of characters, by the interpreter: a probability for each class after it or after each character. The
// states in `feeds` go on.
std::vector<double> probabilities(const Model& model, Feeds& feeds,
                                  const std::vector<std::int32_t>& text, std::size_t begin) {
  const auto inputs = fed_inputs(model.graph);
  if (inputs.size() == 1) {
    const std::int64_t steps = inputs[0].type.shape.dims[1];
    Array& fed = feeds[inputs[0].name] = {{1, steps}, {}};
    for (std::size_t i = 0; i < static_cast<std::size_t>(steps); ++i)
      fed.values.push_back(text[begin + i]);
  } else {
    for (std::size_t i = 0; i < inputs.size(); ++i)
      feeds[inputs[i].name] = {{1}, {static_cast<double>(text[begin + i])}};
  }
  const auto outputs = evaluate(model.graph, feeds, 1);
  for (const auto& [name, array] : outputs)
    if (name.starts_with("update:")) feeds[name.substr(7)] = array;
  return outputs.at(text_face(model.graph)->output).values;
}

void zero_states(const Model& model, Feeds& feeds) {
  for (const NodeId id : leaves(model.graph, Op::state)) {
    const Node& leaf = model.graph.node(id);
    const auto size = static_cast<std::size_t>(count(leaf.types[0].shape, 1));
    feeds[std::string(leaf_name(leaf))] = {concrete_dims(leaf.types[0].shape, 1),
                                           std::vector<double>(size, 0)};
  }
}

// As a person would write it down: where each window begins, in the order in which states go on.
Evaluation by_hand(const Model& model, const std::string& text, Scheme scheme,
                   std::size_t streams) {
  const auto face = *text_face(model.graph);
  const auto characters = model.vocabulary->encode(text, "text");
  const std::size_t steps = face.window.size();
  Feeds feeds = weights_of_model(model);
  Evaluation evaluation;
  const auto measure = [&](std::size_t begin) {
    const auto p = probabilities(model, feeds, characters, begin);
    for (std::size_t i = 0; i < face.predictions; ++i) {
      const std::size_t at = face.predictions == 1 ? begin + steps : begin + i + 1;
      const auto row = std::span(p).subspan(i * face.classes, face.classes);
      const auto target = static_cast<std::size_t>(characters[at]);
      evaluation.loss_sum -= std::log(row[target]);
      ++evaluation.predictions;
      evaluation.correct +=
          std::ranges::max_element(row) - row.begin() == static_cast<std::ptrdiff_t>(target);
    }
  };
  if (scheme == Scheme::streams) {
    const std::size_t length = (characters.size() - 1) / streams;  // without the last target
    for (std::size_t s = 0; s < streams; ++s) {
      zero_states(model, feeds);
      for (std::size_t at = 0; at + steps <= length; at += steps) measure(s * length + at);
    }
    return evaluation;
  }
  const std::size_t stride = scheme == Scheme::blocks ? steps : 1;
  for (std::size_t begin = 0; begin + steps < characters.size(); begin += stride) {
    zero_states(model, feeds);
    measure(begin);
  }
  return evaluation;
}

std::string words() { return small_text().substr(0, 203); }

}  // namespace

TEST_CASE("loss and accuracy are those of a plain calculation") {
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams}) {
    Model model = model_for(scheme);
    Trainer trainer(model, small_text(), "text", recipe_for(scheme), 1);
    trainer.run_epoch(go_on);  // so that some predictions are right
    for (const std::size_t batch : {1, 3, 7}) {
      INFO(to_string(scheme) << " " << batch);
      const Evaluation meant = by_hand(model, words(), scheme, batch);
      const Evaluation found = measured(model, words(), scheme, static_cast<std::int64_t>(batch));
      CHECK(found.predictions == meant.predictions);
      CHECK(found.correct == meant.correct);
      CHECK(found.correct > 0);
      CHECK(found.loss() == Approx(meant.loss()).epsilon(1e-5));
      CHECK(found.perplexity() == Approx(std::exp(meant.loss())).epsilon(1e-4));
      CHECK(found.bits_per_character() == Approx(meant.loss() / std::log(2.0)).epsilon(1e-5));
    }
  }
}

TEST_CASE("loss is what training reports where it learns next to nothing") {
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams}) {
    Model model = ready_from_text(scheme == Scheme::streams ? R"(
model Streams(vocab = 30, steps = 4) {
  input c[steps]: index(vocab)
  output c |> embedding(vocab, 6) |> lstm(10, stateful = true) |> dense(vocab, softmax)
}
)"
                                                            : R"(
model Windows(vocab = 30, steps = 4) {
  input c[steps]: index(vocab)
  output c |> embedding(vocab, 6) |> simple_rnn(12) |> last |> dense(vocab, softmax)
}
)");
    Recipe recipe;
    recipe.scheme = scheme;
    recipe.batch = 8;
    recipe.phases = {{Optimizer::sgd, 1e-12, 0, 1}};
    const Evaluation before = measured(model, small_text(), scheme, 8);
    Trainer trainer(model, small_text(), "text", recipe, 1);
    REQUIRE(trainer.run_epoch(go_on));
    CHECK(model.training->loss == Approx(before.loss()).epsilon(1e-5));
  }
}

TEST_CASE("measuring neither learns nor depends on threads or the batch") {
  Model model = model_for(Scheme::windows);
  const std::vector<float> weights = weights_of(model);
  const Evaluation one = measured(model, small_text(), Scheme::windows, 64);
  CHECK(same_bits(weights_of(model), weights));
  const Evaluation two = measured(model, small_text(), Scheme::windows, 64, 2);
  CHECK(one.loss_sum == two.loss_sum);
  const Evaluation wide = measured(model, small_text(), Scheme::windows, 1000);
  CHECK(wide.loss() == Approx(one.loss()).epsilon(1e-6));
  CHECK(wide.predictions == one.predictions);
}

TEST_CASE("a certainty that is wrong costs what it costs, and not infinity") {
  Model model = model_for(Scheme::blocks);
  auto bias = model.store.stored("dense.bias");
  const auto first = static_cast<std::size_t>(*model.vocabulary->index_of(U'p'));
  bias[first] = 500;  // exp(-500) is no float
  model.store.set_stored("dense.bias", bias);
  const Evaluation found = measured(model, small_text(), Scheme::blocks, 8);
  CHECK(found.loss() > 400);
  CHECK(found.loss() < 510);
}

TEST_CASE("streams are at most as many as the text has windows for") {
  Model model = model_for(Scheme::streams);
  const std::string text = small_text().substr(0, 10);
  Evaluator evaluator(model, text, "text", {Scheme::streams, 64, 1});
  CHECK(evaluator.samples().batch() == 2);
  CHECK(evaluator.run(to_the_end).predictions == 8);
}

TEST_CASE("what cannot be measured says why") {
  Model model = model_for(Scheme::windows);
  const auto refusal = [&](Model& of, const std::string& text, UnknownPolicy unknown = {}) {
    return failure_of([&] { Evaluator(of, text, "text", {Scheme::windows, 4, 1}, unknown); });
  };
  CHECK(refusal(model, "pack my b#x").find("1: text:1:10: character 10 of the text, '#'") == 0);
  CHECK(refusal(model, "pack my b#x", parse_unknown_policy("skip")) == "nothing");
  CHECK(refusal(model, "pac").substr(0, 2) == "1:");
  CHECK(failure_of([&] {
          Evaluator(model, "pack my box", "text", {Scheme::windows, 0, 1});
        }).substr(0, 2) == "2:");
  Model untrained = small_model();
  CHECK(refusal(untrained, "pack").find("has not been trained") != std::string::npos);
  Model broken = model_for(Scheme::windows);
  auto bias = broken.store.stored("dense.bias");
  bias[0] = std::nanf("");
  broken.store.set_stored("dense.bias", bias);
  CHECK(failure_of([&] {
          measured(broken, "pack my box", Scheme::windows, 4);
        }).find("its weights are broken") != std::string::npos);
}

TEST_CASE("it stops where it is told to") {
  Model model = model_for(Scheme::windows);
  Evaluator evaluator(model, small_text(), "text", {Scheme::windows, 10, 1});
  const Evaluation some =
      evaluator.run([](std::int64_t samples, const Evaluation&) { return samples < 30; });
  CHECK(some.predictions == 30);
}

}  // namespace coil::test
