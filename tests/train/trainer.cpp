#include "runtime/train/trainer.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/train/models.hpp"

namespace coil::test::trainer_test {
namespace {

Recipe options(int batch = 64) {
  Recipe recipe;
  recipe.batch = batch;
  recipe.phases = {{Optimizer::adam, 0.01, 0, 100}};
  return recipe;
}

std::vector<float> weights_after(int epochs, int threads, std::uint64_t seed = 1) {
  Model model = ready_model(seed);
  Recipe chosen = options();
  chosen.seed = seed;
  Trainer trainer(model, small_text(), "text", chosen, threads);
  for (int i = 0; i < epochs; ++i) trainer.run_epoch(go_on);
  return weights_of(model);
}

}  // namespace

TEST_CASE("a text in which the next character is certain is learnt") {
  Model model = ready_model();
  Trainer trainer(model, small_text(), "text", options(), 1);
  trainer.run_epoch(go_on);
  const double first = model.training->loss;
  for (int i = 0; i < 9; ++i) trainer.run_epoch(go_on);
  CHECK(first < std::log(30.0));
  CHECK(model.training->loss < 0.25 * first);
  CHECK(model.training->epochs == 10);
  CHECK(model.training->steps == 10 * trainer.steps_per_epoch());
}

TEST_CASE("an epoch sees every window once, the last short batch too") {
  Model model = ready_model();
  Trainer trainer(model, small_text(), "text", options(100), 1);
  std::int64_t steps = 0, samples = 0;
  CHECK(trainer.run_epoch([&](const StepReport& report) {
    CHECK(report.step == ++steps);
    CHECK(report.steps == trainer.steps_per_epoch());
    samples = report.samples;
    return true;
  }));
  CHECK(steps == trainer.steps_per_epoch());
  CHECK(samples == trainer.samples());
  CHECK(trainer.samples() % 100 != 0);
}

TEST_CASE("an epoch that is stopped is not counted") {
  Model model = ready_model();
  Trainer trainer(model, small_text(), "text", options(), 1);
  CHECK_FALSE(trainer.run_epoch([](const StepReport& report) { return report.step < 3; }));
  CHECK(model.training->epochs == 0);
  CHECK(model.training->steps == 3);
}

TEST_CASE("the same seed gives the same bits, at any number of threads") {
  const auto once = weights_after(2, 1);
  CHECK(same_bits(once, weights_after(2, 1)));
  CHECK(same_bits(once, weights_after(2, 2)));
  CHECK_FALSE(same_bits(once, weights_after(2, 1, 2)));
}

// Wide enough for its products and its update to be divided between threads.
TEST_CASE("steps clipped and decayed give the same bits at any number of threads") {
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams}) {
    const auto after = [&](int threads) {
      Model model = model_for(scheme, 1, {{"hidden", "140"}});
      Recipe recipe = recipe_for(scheme);
      recipe.batch = 130;
      recipe.clip_norm = 0.3;
      recipe.weight_decay = 0.1;
      Trainer trainer(model, small_text(), "text", recipe, threads);
      train_to(trainer, model, 3);
      return weights_of(model);
    };
    INFO(to_string(scheme));
    CHECK(same_bits(after(1), after(2)));
  }
}

TEST_CASE("a step reports its phase, rate and norm, and the run when it is done") {
  Recipe recipe = options();
  recipe.phases = {{Optimizer::adam, 0.01, 0, 2}, {Optimizer::sgd, 0.5, 0.9, 1}};
  Model model = ready_model();
  Trainer trainer(model, small_text(), "text", recipe, 1);
  std::vector<std::int64_t> phases;
  std::vector<double> rates;
  while (!trainer.done())
    trainer.run_epoch([&](const StepReport& report) {
      CHECK(report.epochs == 3);
      CHECK(report.epoch == model.training->epochs + 1);
      CHECK(report.gradient_norm > 0);
      if (report.step == 1) {
        phases.push_back(report.phase);
        rates.push_back(report.learning_rate);
      }
      return true;
    });
  CHECK(phases == std::vector<std::int64_t>{1, 1, 2});
  CHECK(rates == std::vector<double>{0.01, 0.01, 0.5});
  CHECK(model.training->epochs == 3);
  CHECK_FALSE(trainer.stopped_early());
}

// A first step of Adam moves no weight further than the rate, since it corrects the bias of moments that
// start from zero. Counting on from an earlier run would make it three times as far.
TEST_CASE("the first step of a model that was trained before is no longer than the rate") {
  Model model = ready_model();
  Trainer(model, small_text(), "text", options(), 1).run_epoch(go_on);
  const auto before = weights_of(model);
  Trainer again(model, small_text(), "text", options(), 1);
  again.run_epoch([](const StepReport&) { return false; });
  const auto after = weights_of(model);
  float furthest = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    furthest = std::max(furthest, std::abs(after[i] - before[i]));
  CHECK(furthest > 0.005f);
  CHECK(furthest < 0.0101f);
  CHECK(model.training->steps == 1);
}

TEST_CASE("the loss of an epoch counts each sample once, in the short last batch too") {
  Model model = ready_model();
  Trainer trainer(model, small_text(), "text", options(1000), 1);  // 1333 samples: 1000 and 333
  double sum = 0;
  std::int64_t before = 0;
  trainer.run_epoch([&](const StepReport& report) {
    sum += report.loss * static_cast<double>(report.samples - before);
    before = report.samples;
    return true;
  });
  CHECK(before == trainer.samples());
  CHECK(model.training->loss == Approx(sum / static_cast<double>(before)).epsilon(1e-12));
}

TEST_CASE("recipes that make no sense and models that are not ready are refused") {
  Model model = ready_model();
  const auto failure = [&](const Recipe& recipe) {
    return failure_of([&] { Trainer(model, small_text(), "text", recipe, 1); }).substr(0, 2);
  };
  CHECK(failure(options(1)) == "no");
  CHECK(failure(options(0)) == "2:");
  CHECK(failure(options(-5)) == "2:");
  for (const double number : {-0.1, std::nan(""), HUGE_VAL, 1e39}) {
    for (double Recipe::*setting :
         {&Recipe::clip_norm, &Recipe::weight_decay, &Recipe::validation}) {
      Recipe recipe = options();
      recipe.*setting = number;
      CHECK(failure(recipe) == "2:");
    }
    for (double Phase::*setting : {&Phase::learning_rate, &Phase::momentum}) {
      Recipe recipe = options();
      recipe.phases[0].optimizer = Optimizer::sgd;
      recipe.phases[0].*setting = number;
      CHECK(failure(recipe) == "2:");
    }
  }
  Recipe recipe = options();
  recipe.phases.clear();
  CHECK(failure(recipe) == "2:");
  recipe = options();
  recipe.patience = 2;
  CHECK(failure(recipe) == "2:");
  Model bare = small_model();
  CHECK(failure_of([&] { Trainer(bare, small_text(), "text", options(), 1); }) ==
        "1: Small has no vocabulary yet");
  bare.vocabulary = Vocabulary::of_text(small_text(), "text");
  CHECK(failure_of([&] { Trainer(bare, small_text(), "text", options(), 1); }) ==
        "1: Small has no weights yet");
  Model few = small_model({{"vocab", "4"}});
  few.vocabulary = Vocabulary::of_text(small_text(), "text");
  initialize_weights(few, 1);
  CHECK(failure_of([&] { Trainer(few, small_text(), "text", options(), 1); }).find("counts to 4") !=
        std::string::npos);
}

TEST_CASE("models and texts that do not fit are refused") {
  const auto failure = [](Model& model, const std::string& text) {
    return failure_of([&] { Trainer(model, text, "text", options(), 1); });
  };
  Model model = ready_model();
  CHECK(failure(model, "pac").substr(0, 2) == "1:");
  CHECK(failure(model, "my Zebra").find("'Z'") != std::string::npos);

  // The last characters of the alphabet have no output.
  Model narrow = small_model({{"outputs", "3"}});
  narrow.vocabulary = Vocabulary::of_text(small_text(), "text");
  initialize_weights(narrow, 1);
  CHECK(failure(narrow, small_text()).find("the model has 3 outputs") != std::string::npos);
}

}  // namespace coil::test::trainer_test
