#include "runtime/generate/generator.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "compiler/source/utf8.hpp"

#include "runtime/train/trainer.hpp"

#include "tests/model/small_model.hpp"

namespace coil::test {
namespace {

Model trained_model() {
  Model model = ready_model();
  Recipe options;
  options.batch = 64;
  options.phases = {{Optimizer::adam, 0.01, 0, 12}};
  Trainer trainer(model, small_text(), "text", options, 1);
  for (int i = 0; i < 12; ++i) trainer.run_epoch([](const StepReport&) { return true; });
  return model;
}

std::string written(Model& model, const GenerateOptions& options, const std::string& prompt,
                    int n) {
  Generator generator(model, options);
  generator.prompt(prompt);
  std::string text;
  for (int i = 0; i < n; ++i) append_utf8(text, generator.next());
  return text;
}

}  // namespace

TEST_CASE("a model that learnt a text writes it") {
  Model model = trained_model();
  CHECK(written(model, {}, "pack my b", 12) == "ox with five");
  CHECK(written(model, {}, "PACK MY B", 2) == "ox");  // trained on lower case
}

TEST_CASE("the candidates are a distribution, the likeliest first") {
  Model model = trained_model();
  Generator generator(model, {});
  generator.prompt("the d");
  const auto candidates = generator.candidates();
  CHECK(candidates.size() == model.vocabulary->size());
  double sum = 0, before = 1;
  for (const Candidate& candidate : candidates) {
    CHECK(candidate.probability <= before);
    before = candidate.probability;
    sum += candidate.probability;
  }
  CHECK(sum <= 1 + 1e-5);
  CHECK(candidates[0].character == generator.next());
}

TEST_CASE("sampling follows the seed and the temperature") {
  Model model = ready_model();  // untrained: nearly every character is as likely as another
  GenerateOptions warm;
  warm.sampling.temperature = 1;
  const std::string text = written(model, warm, "the", 60);
  CHECK(text == written(model, warm, "the", 60));
  CHECK(std::set<char>(text.begin(), text.end()).size() > 5);
  GenerateOptions other = warm;
  other.seed = 2;
  CHECK(text != written(model, other, "the", 60));
  GenerateOptions cold = warm;
  cold.sampling.temperature = 1e-6;
  CHECK(written(model, cold, "the", 20) == written(model, {}, "the", 20));
}

TEST_CASE("temperatures at the ends of their range") {
  Model model = trained_model();
  for (const double cold : {5e-324, 1e-300, 1e-9}) {
    GenerateOptions options;
    options.sampling.temperature = cold;
    CHECK(written(model, options, "pack my b", 12) == "ox with five");
  }
  GenerateOptions hot;
  hot.sampling.temperature = std::numeric_limits<double>::max();
  const std::string text = written(model, hot, "pack my b", 200);
  CHECK(std::set<char>(text.begin(), text.end()).size() > 15);  // all are as likely now
}

TEST_CASE("the text does not depend on the number of threads") {
  Model model = trained_model();
  GenerateOptions one, two;
  one.sampling.temperature = two.sampling.temperature = 0.8;
  two.execution = 2;
  CHECK(written(model, one, "the", 200) == written(model, two, "the", 200));
}

TEST_CASE("a character that the vocabulary lacks is never written") {
  Model model = ready_model();  // 30 outputs, fewer characters
  const auto characters = static_cast<std::ptrdiff_t>(model.vocabulary->size());
  REQUIRE(characters < 30);
  const auto bias = model.store.values("dense.bias");
  std::fill(bias.begin() + characters, bias.end(), 20.0f);
  CHECK(written(model, {}, "the", 5).size() == 5);
  std::fill(bias.begin() + characters, bias.end(), 1000.0f);  // nothing is left for the others
  Generator generator(model, {});
  CHECK(failure_of([&] { generator.next(); }).find("any chance") != std::string::npos);
}

TEST_CASE("a generator sees what a trainer of the same model changes") {
  Model model = ready_model();
  Generator generator(model, {});
  generator.candidates();
  Recipe options;
  options.batch = 64;
  options.phases = {{Optimizer::adam, 0.01, 0, 12}};
  Trainer(model, small_text(), "text", options, 1).run_epoch([](const StepReport&) {
    return true;
  });
  Generator fresh(model, {});
  const auto old_one = generator.candidates(), new_one = fresh.candidates();
  CHECK(std::ranges::equal(old_one, new_one, {}, &Candidate::probability, &Candidate::probability));
}

TEST_CASE("a short prompt is filled up with spaces") {
  Model model = ready_model();
  Generator generator(model, {});
  CHECK(generator.window() == 3);
  CHECK(generator.prompt("") == 3);
  CHECK(generator.prompt("a") == 2);
  CHECK(generator.prompt("the cat") == 0);
}

TEST_CASE("what cannot generate says why") {
  Model untrained = small_model();
  CHECK(failure_of([&] { Generator(untrained, {}); }).find("coil train") != std::string::npos);
  Model model = ready_model();
  for (const double temperature : {-1.0, std::nan(""), HUGE_VAL}) {
    GenerateOptions options;
    options.sampling.temperature = temperature;
    CHECK(failure_of([&] { Generator(model, options); }).substr(0, 2) == "2:");
  }
  Generator generator(model, {});
  CHECK(failure_of([&] { generator.prompt("the#"); }).substr(0, 2) == "1:");
}

TEST_CASE("broken weights are told, not written about") {
  Model model = ready_model();
  model.store.values("mix.bias")[0] = std::nanf("");
  Generator generator(model, {});
  CHECK(failure_of([&] { generator.next(); }).substr(0, 2) == "3:");
}

}  // namespace coil::test
