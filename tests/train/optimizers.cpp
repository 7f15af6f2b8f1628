// The steps of a trainer against the same steps worked out in double precision from the interpreter's gradients.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/graph/evaluate.hpp"
#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/runner.hpp"

#include "tests/train/models.hpp"

namespace coil::test::optimizers_test {
namespace {

// A model without dropout, whose windows are few enough for one batch: every step sees the same samples.
constexpr const char* source = R"(
model Tiny(vocab = 30, steps = 3, hidden = 5) {
  input c[steps]: index(vocab)
  output c |> embedding(vocab, 4) |> simple_rnn(hidden) |> last |> dense(vocab, softmax)
}
)";
constexpr const char* text = "pack my box with five";

using Arrays = std::map<std::string, std::vector<double>>;

Arrays weights_in_double(const Model& model) {
  Arrays all;
  for (const NodeId id : leaves(model.graph, Op::weight)) {
    const std::string name(leaf_name(model.graph.node(id)));
    const auto values = model.store.copy_of(name);
    all[name].assign(values.begin(), values.end());
  }
  return all;
}

// The gradients of all weights, over all windows of the text.
class Gradients {
 public:
  explicit Gradients(const Model& model)
      : graph_(Runner().derive(model.graph, Entry::gradients)),
        text_(model.vocabulary->encode(text, "text")),
        windows_(std::ssize(text_) - 3) {}

  Arrays of(const Arrays& weights) const {
    Feeds feeds;
    for (const NodeId id : leaves(graph_, Op::weight)) {
      const std::string name(leaf_name(graph_.node(id)));
      feeds[name] = {graph_.node(id).types[0].shape.dims, weights.at(name)};
    }
    Array& characters = feeds["c"] = {{windows_, 3}, {}};
    Array& targets = feeds[target_name] = {{windows_}, {}};
    for (std::int64_t w = 0; w < windows_; ++w) {
      for (std::int64_t t = 0; t < 3; ++t)
        characters.values.push_back(text_[static_cast<std::size_t>(w + t)]);
      targets.values.push_back(text_[static_cast<std::size_t>(w + 3)]);
    }
    const auto outputs = evaluate(graph_, feeds, windows_);
    Arrays gradients;
    for (const Output& output : graph_.outputs)
      if (output.kind == OutputKind::gradient)
        gradients[output.name] = outputs.at("gradient:" + output.name).values;
    return gradients;
  }

 private:
  Graph graph_;
  std::vector<std::int32_t> text_;
  std::int64_t windows_;
};

double norm_of(const Arrays& gradients) {
  double sum = 0;
  for (const auto& [name, values] : gradients)
    for (const double g : values) sum += g * g;
  return std::sqrt(sum);
}

// An update by the book: Keras's global clipping and decoupled decay, then SGD or Adam.
struct Book {
  Recipe recipe;
  Arrays weights, first, second;
  int step = 0;

  void update(Arrays gradients) {
    const Phase& phase = recipe.phases[0];
    const double norm = norm_of(gradients);
    const double scale =
        recipe.clip_norm > 0 && norm > recipe.clip_norm ? recipe.clip_norm / norm : 1;
    ++step;
    for (auto& [name, w] : weights) {
      auto &m = first[name], &v = second[name];
      m.resize(w.size());
      v.resize(w.size());
      for (std::size_t i = 0; i < w.size(); ++i) {
        const double g = scale * gradients.at(name)[i];
        w[i] -= phase.learning_rate * recipe.weight_decay * w[i];
        w[i] -=
            phase.optimizer == Optimizer::sgd ? sgd(phase, m[i], g) : adam(phase, m[i], v[i], g);
      }
    }
  }
  double sgd(const Phase& phase, double& velocity, double g) const {
    velocity = phase.momentum * velocity + g;
    return phase.learning_rate * velocity;
  }
  double adam(const Phase& phase, double& mean, double& variance, double g) const {
    mean = 0.9 * mean + 0.1 * g;
    variance = 0.999 * variance + 0.001 * g * g;
    const double corrected = std::sqrt(1 - std::pow(0.999, step)) / (1 - std::pow(0.9, step));
    return phase.learning_rate * corrected * mean / (std::sqrt(variance) + 1e-7);
  }
};

double furthest(const Arrays& a, const Arrays& b) {
  double most = 0;
  for (const auto& [name, values] : a)
    for (std::size_t i = 0; i < values.size(); ++i)
      most = std::max(most, std::abs(values[i] - b.at(name)[i]));
  return most;
}

Recipe recipe_of(Phase phase, double clip, double decay) {
  Recipe recipe;
  recipe.scheme = Scheme::windows;
  recipe.batch = 64;
  phase.epochs = 100;
  recipe.phases = {phase};
  recipe.clip_norm = clip;
  recipe.weight_decay = decay;
  return recipe;
}

}  // namespace

TEST_CASE("steps of SGD and Adam, clipped and decayed, are those worked out in double precision") {
  const auto [recipe, clips] = GENERATE(
      std::pair(recipe_of({Optimizer::sgd, 0.5, 0, 1}, 0, 0), false),
      std::pair(recipe_of({Optimizer::sgd, 0.5, 0.9, 1}, 0, 0.05), false),
      std::pair(recipe_of({Optimizer::sgd, 0.5, 0.9, 1}, 0.05, 0.05), true),
      std::pair(recipe_of({Optimizer::adam, 0.01, 0, 1}, 0, 0), false),
      // Adam hardly sees the size of a gradient: the clip shows next to an epsilon that it approaches.
      std::pair(recipe_of({Optimizer::adam, 0.01, 0, 1}, 1e-6, 0.5), true));
  Model model = ready_from_text(source);
  const Gradients gradients(model);
  Book book{recipe, weights_in_double(model), {}, {}};
  const Arrays start = book.weights;
  Trainer trainer(model, text, "text", recipe, 1);
  REQUIRE(trainer.steps_per_epoch() == 1);
  for (int step = 0; step < 6; ++step) {
    const Arrays g = gradients.of(book.weights);
    trainer.run_epoch([&](const StepReport& report) {
      CHECK(report.gradient_norm == Approx(norm_of(g)).epsilon(1e-4));
      return true;
    });
    CHECK((norm_of(g) > recipe.clip_norm && recipe.clip_norm > 0) == clips);
    book.update(g);
  }
  const double moved = furthest(book.weights, start);
  CHECK(moved > 1e-3);
  CHECK(furthest(book.weights, weights_in_double(model)) < 2e-3 * moved);
}

TEST_CASE("what is chosen changes what is learnt") {
  const auto after = [](const Recipe& recipe) {
    Model model = ready_from_text(source);
    Trainer trainer(model, text, "text", recipe, 1);
    for (int i = 0; i < 6; ++i) trainer.run_epoch(go_on);
    return weights_of(model);
  };
  const auto plain = after(recipe_of({Optimizer::sgd, 0.5, 0, 1}, 0, 0));
  CHECK_FALSE(same_bits(plain, after(recipe_of({Optimizer::sgd, 0.5, 0.5, 1}, 0, 0))));
  CHECK_FALSE(same_bits(plain, after(recipe_of({Optimizer::sgd, 0.5, 0, 1}, 0.05, 0))));
  CHECK_FALSE(same_bits(plain, after(recipe_of({Optimizer::sgd, 0.5, 0, 1}, 0, 0.05))));
  CHECK(same_bits(plain, after(recipe_of({Optimizer::sgd, 0.5, 0, 1}, 1e6, 0))));
}

TEST_CASE("the 2019 LSTM, with hard sigmoids on its gates, trains") {
  constexpr const char* lstm = R"(
model Old(vocab = 30, steps = 4, hidden = 16) {
  input c[steps]: index(vocab)
  output c |> embedding(vocab, 6)
           |> lstm(hidden, stateful = true, recurrent_activation = hard_sigmoid)
           |> dense(vocab, softmax)
}
)";
  Model model = ready_from_text(lstm);
  Recipe recipe = recipe_for(Scheme::streams);
  Trainer trainer(model, small_text(), "text", recipe, 1);
  trainer.run_epoch(go_on);
  const double first = model.training->loss;
  while (!trainer.done()) trainer.run_epoch(go_on);
  CHECK(first < std::log(30.0));
  CHECK(model.training->loss < 0.2 * first);
}

}  // namespace coil::test::optimizers_test
