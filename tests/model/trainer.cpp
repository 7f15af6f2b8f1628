#include "runtime/train/trainer.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "tests/model/small_model.hpp"

namespace coil::test {
namespace {

TrainOptions options(int batch = 64, int threads = 1) {
  TrainOptions chosen;
  chosen.batch = batch;
  chosen.threads = threads;
  return chosen;
}

const auto go_on = [](const StepReport&) { return true; };

std::vector<float> weights_of(const Model& model) {
  std::vector<float> all;
  for (const NodeId id : leaves(model.graph, Op::weight)) {
    const auto values = model.store.values(std::string(leaf_name(model.graph.node(id))));
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

std::vector<float> weights_after(int epochs, int threads, std::uint64_t seed = 1) {
  Model model = ready_model(seed);
  TrainOptions chosen = options(64, threads);
  chosen.seed = seed;
  Trainer trainer(model, small_text(), "text", chosen);
  for (int i = 0; i < epochs; ++i) trainer.run_epoch(go_on);
  return weights_of(model);
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("a text in which the next character is certain is learnt") {
  Model model = ready_model();
  Trainer trainer(model, small_text(), "text", options());
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
  Trainer trainer(model, small_text(), "text", options(100));
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
  Trainer trainer(model, small_text(), "text", options());
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

TEST_CASE("a rate that is too large is divergence, not silence") {
  Model model = ready_model();
  TrainOptions wild = options();
  wild.learning_rate = 1e38;
  Trainer trainer(model, small_text(), "text", wild);
  const std::string failure = failure_of([&] {
    for (int i = 0; i < 20; ++i) trainer.run_epoch(go_on);
  });
  CHECK(failure.substr(0, 2) == "4:");
  CHECK(failure.find("--learning-rate") != std::string::npos);
}

TEST_CASE("going on in memory and from a file give the same bits") {
  const TemporaryFolder folder;
  Model model = ready_model();
  Trainer(model, small_text(), "text", options()).run_epoch(go_on);
  save_model(folder / "m.coil", model);
  Model loaded = load_model(folder / "m.coil");
  for (Model* each : {&model, &loaded}) {
    Trainer again(*each, small_text(), "text", options());
    again.run_epoch(go_on);
    CHECK(each->training->epochs == 2);
    CHECK(each->training->steps == 2 * again.steps_per_epoch());
  }
  CHECK(same_bits(weights_of(model), weights_of(loaded)));
}

// A first step of Adam moves no weight further than the rate, since it corrects the bias of moments that
// start from zero. Counting on from an earlier run would make it three times as far.
TEST_CASE("the first step of a model that was trained before is no longer than the rate") {
  Model model = ready_model();
  Trainer(model, small_text(), "text", options()).run_epoch(go_on);
  model.training->steps = 100'000;
  const auto before = weights_of(model);
  Trainer again(model, small_text(), "text", options());
  again.run_epoch([](const StepReport&) { return false; });
  const auto after = weights_of(model);
  float furthest = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    furthest = std::max(furthest, std::abs(after[i] - before[i]));
  CHECK(furthest > 0.005f);
  CHECK(furthest < 0.0101f);
  CHECK(model.training->steps == 100'001);
}

TEST_CASE("a NaN that no loss shows is divergence at its step") {
  Model model = ready_model();
  // relu makes zero of a NaN, so that every loss stays finite.
  model.store.values("encode.bias")[0] = std::nanf("");
  Trainer trainer(model, small_text(), "text", options());
  int calls = 0;
  const std::string failure =
      failure_of([&] { trainer.run_epoch([&](const StepReport&) { return ++calls > 0; }); });
  CHECK(failure.substr(0, 2) == "4:");
  CHECK(calls == 0);
}

TEST_CASE("whenever the caller is asked, the weights are fit to be kept") {
  Model model = ready_model();
  TrainOptions wild = options();
  wild.learning_rate = 1e37;
  Trainer trainer(model, small_text(), "text", wild);
  const std::string failure = failure_of([&] {
    for (int i = 0; i < 50; ++i)
      trainer.run_epoch([&](const StepReport&) {
        const auto all = weights_of(model);
        return std::all_of(all.begin(), all.end(), [](float x) { return std::isfinite(x); });
      });
  });
  CHECK(failure.substr(0, 2) == "4:");
}

TEST_CASE("the loss of an epoch counts each sample once, in the short last batch too") {
  Model model = ready_model();
  Trainer trainer(model, small_text(), "text", options(1000));  // 1333 samples: 1000 and 333
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

TEST_CASE("options that make no sense and models that are not ready are refused") {
  Model model = ready_model();
  const auto failure = [&](TrainOptions chosen) {
    return failure_of([&] { Trainer(model, small_text(), "text", chosen); }).substr(0, 2);
  };
  CHECK(failure(options(0)) == "2:");
  CHECK(failure(options(-5)) == "2:");
  for (const double rate : {0.0, -0.1, std::nan(""), HUGE_VAL, 1e39}) {
    TrainOptions chosen = options();
    chosen.learning_rate = rate;
    CHECK(failure(chosen) == "2:");
  }
  Model bare = small_model();
  CHECK(failure_of([&] { Trainer(bare, small_text(), "text", options()); }) ==
        "1: Small has no vocabulary yet");
  bare.vocabulary = Vocabulary::of_text(small_text(), "text");
  CHECK(failure_of([&] { Trainer(bare, small_text(), "text", options()); }) ==
        "1: Small has no weights yet");
  Model few = small_model({{"vocab", "4"}});
  few.vocabulary = Vocabulary::of_text(small_text(), "text");
  initialize_weights(few, 1);
  CHECK(failure_of([&] { Trainer(few, small_text(), "text", options()); }).find("counts to 4") !=
        std::string::npos);
}

TEST_CASE("models and texts that do not fit are refused") {
  const auto failure = [](Model& model, const std::string& text) {
    return failure_of([&] { Trainer(model, text, "text", options()); });
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

}  // namespace coil::test
