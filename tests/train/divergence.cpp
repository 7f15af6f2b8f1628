#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/passes/attach_adam.hpp"

#include "runtime/artifact/atomic_file.hpp"

#include "tests/train/models.hpp"

namespace coil::test::divergence_test {
namespace {

bool all_finite(const std::vector<float>& values) {
  return std::ranges::all_of(values, [](float x) { return std::isfinite(x); });
}

Recipe wild(Scheme scheme, Optimizer optimizer, double rate) {
  Recipe recipe = recipe_for(scheme);
  recipe.phases[0].optimizer = optimizer;
  recipe.phases[0].learning_rate = rate;
  return recipe;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What training says in the end; before each step after the first the model is saved.
std::string failure_of_training(Model& model, const Recipe& recipe, const std::string& path = "") {
  Trainer trainer(model, short_text(), "text", recipe, 1);
  return failure_of([&] {
    while (!trainer.done())
      trainer.run_epoch([&](const StepReport&) {
        CHECK(all_finite(weights_of(model)));
        if (!path.empty()) trainer.save(path);
        return true;
      });
  });
}

}  // namespace

TEST_CASE("a rate that is too large is divergence, and the last finite checkpoint stays") {
  const TemporaryFolder folder;
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams})
    for (const Optimizer optimizer : {Optimizer::adam, Optimizer::sgd}) {
      Model model = model_for(scheme);
      const std::string failure =
          failure_of_training(model, wild(scheme, optimizer, 1000), folder / "m.coil");
      INFO(to_string(scheme) << " by " << to_string(optimizer) << ": " << failure);
      CHECK(failure.starts_with("4: training diverged at step "));
      CHECK(contains(failure, "try a smaller --learning-rate than 1000, or clip_norm: 1"));
      Model last = load_model(folder / "m.coil");
      CHECK(last.training->steps > 0);
      CHECK(last.training->steps < model.training->steps);
      CHECK(all_finite(weights_of(last)));
    }
}

TEST_CASE(
    "a loss of three times the first ends the run; where it is clipped, that is not advised") {
  Model model = model_for(Scheme::windows);
  Recipe recipe = wild(Scheme::windows, Optimizer::sgd, 100);
  recipe.clip_norm = 1;
  const std::string failure = failure_of_training(model, recipe);
  CHECK(contains(failure, ": the loss is "));
  CHECK(contains(failure, ", and the first was 3."));
  CHECK(failure.ends_with("try a smaller --learning-rate than 100"));
}

TEST_CASE("a model that is good to begin with may get worse than three times as bad") {
  Model model = model_for(Scheme::windows);
  Recipe recipe = recipe_for(Scheme::windows);
  Trainer learning(model, short_text(), "text", recipe, 1);
  while (!learning.done()) learning.run_epoch(go_on);
  recipe.phases[0] = {Optimizer::adam, 0.2, 0, 1};
  Trainer again(model, short_text(), "text", recipe, 1);
  double worst = 0;
  CHECK(failure_of([&] {
          again.run_epoch([&](const StepReport& report) {
            worst = std::max(worst, report.loss);
            return true;
          });
        }) == "nothing");
  CHECK(worst > 3 * model.training->first_loss);
}

TEST_CASE("the first tensor that is not finite is named, and no update is made") {
  Model model = model_for(Scheme::windows);
  Trainer trainer(model, short_text(), "text", recipe_for(Scheme::windows), 1);
  trainer.run_epoch([](const StepReport& report) { return report.step < 3; });
  // Finite weights from which the logits overflow: every unit is one, and they are summed.
  model.store.set_stored("simple_rnn.bias", std::vector<float>(12, 100.0f));
  model.store.set_stored("dense.kernel", std::vector<float>(12 * 30, 3e38f));
  const auto before = weights_of(model);
  const auto mean = model.store.stored(mean_name("dense.kernel"));
  CHECK(contains(failure_of([&] { trainer.run_epoch(go_on); }),
                 "4: training diverged at step 4: the logits are not finite"));
  CHECK(same_bits(weights_of(model), before));
  CHECK(same_bits(model.store.stored(mean_name("dense.kernel")), mean));
}

TEST_CASE("a NaN that oneDNN's relu hides from the loss is found at its step") {
  Model model = model_for(Scheme::blocks);
  model.store.values("encode.bias")[0] = std::nanf("");
  Trainer trainer(model, short_text(), "text", recipe_for(Scheme::blocks), 1);
  int calls = 0;
  const std::string failure =
      failure_of([&] { trainer.run_epoch([&](const StepReport&) { return ++calls > 0; }); });
  CHECK(
      contains(failure, "4: training diverged at step 1: the weight 'encode.bias' is not finite"));
  CHECK(calls == 0);
}

TEST_CASE("a weight that an update of finite gradients breaks is named at that step") {
  for (const Optimizer optimizer : {Optimizer::adam, Optimizer::sgd}) {
    Model model = model_for(Scheme::windows);
    Recipe recipe = wild(Scheme::windows, optimizer, 1000);
    recipe.weight_decay = 100;
    Trainer trainer(model, short_text(), "text", recipe, 1);
    // Softmax sees no difference; what decays is more than there are numbers for.
    model.store.set_stored("dense.bias", std::vector<float>(30, 1e34f));
    int calls = 0;
    const std::string failure =
        failure_of([&] { trainer.run_epoch([&](const StepReport&) { return ++calls > 0; }); });
    INFO(failure);
    CHECK(contains(failure,
                   "4: training diverged at step 1: the weight 'dense.bias' is not finite "
                   "any more"));
    CHECK(calls == 0);
  }
}

TEST_CASE("gradients that overflow where the loss does not are named") {
  // The loss is finite, and the gradient of the first weight is a product of two huge ones.
  constexpr const char* source = R"(
model Steep(vocab = 30) {
  input c: index(vocab)
  layer embed = embedding(vocab, 4)
  layer first = dense(4)
  layer second = dense(vocab)
  output softmax(second(first(embed(c))))
}
)";
  Model model = ready_from_text(source);
  model.store.set_stored("embed.embeddings", std::vector<float>(30 * 4, 0.0f));
  model.store.set_stored("second.kernel", [] {
    std::vector<float> steep(4 * 30, 3e38f);
    for (std::size_t i = 0; i < steep.size(); i += 2) steep[i] = -3e38f;
    return steep;
  }());
  model.store.set_stored("first.kernel", std::vector<float>(4 * 4, 1e30f));
  Recipe recipe = recipe_for(Scheme::blocks);
  Trainer trainer(model, short_text(), "text", recipe, 1);
  const std::string failure = failure_of([&] { trainer.run_epoch(go_on); });
  INFO(failure);
  CHECK(contains(failure, "4: training diverged at step 1: the gradient of '"));
}

}  // namespace coil::test::divergence_test
