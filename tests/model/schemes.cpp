// Sequences and states through the trainer and the generator.

#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/graph/faces.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/generate/generator.hpp"
#include "runtime/train/trainer.hpp"

#include "tests/model/small_model.hpp"
#include "tests/model/text_models.hpp"

namespace coil::test::schemes_test {
namespace {

const auto go_on = [](const StepReport&) { return true; };

Recipe options(Scheme scheme, int batch) {
  Recipe chosen;
  chosen.scheme = scheme;
  chosen.batch = batch;
  chosen.phases = {{Optimizer::adam, 0.01, 0, 1000}};
  return chosen;
}

// A text in which what follows a b is told by what stands before it.
std::string alternating_text() {
  std::string text;
  while (text.size() < 4000) text += "abdcbe";
  return text;
}

double trained(Model& model, const std::string& text, const Recipe& options, int epochs) {
  Trainer trainer(model, text, "text", options, 1);
  for (int i = 0; i < epochs; ++i) trainer.run_epoch(go_on);
  return model.training->loss;
}

std::string written(Model& model, const std::string& prompt, int n) {
  Generator generator(model, {});
  generator.prompt(prompt);
  std::string text;
  for (int i = 0; i < n; ++i) append_utf8(text, generator.next());
  return text;
}

}  // namespace

TEST_CASE("what is usual follows from the model") {
  CHECK(usual_scheme(small_model()) == Scheme::blocks);
  CHECK(usual_scheme(bigram_model(4)) == Scheme::windows);
  CHECK(usual_scheme(stateful_model()) == Scheme::streams);
}

TEST_CASE("the text's face of a model") {
  const auto small = text_face(small_model().graph);
  REQUIRE(small);
  CHECK(small->window.size() == 3);
  CHECK(small->predictions == 1);
  CHECK(small->classes == 30);
  const auto bigram = text_face(bigram_model(4).graph);
  REQUIRE(bigram);
  CHECK(bigram->window.size() == 4);
  CHECK(bigram->window[2].leaf == "c");
  CHECK(bigram->window[2].offset == 2);
  CHECK(bigram->window[2].stride == 4);
  CHECK(bigram->predictions == 4);
  CHECK_FALSE(bigram->has_states);
}

TEST_CASE("each character of a window learns the one after it") {
  for (const Scheme scheme : {Scheme::blocks, Scheme::windows, Scheme::streams}) {
    Model model = bigram_model(4);
    Trainer trainer(model, "abcdabcdabcdabcdabcdabcdabcd", "text", options(scheme, 3), 1);
    for (int i = 0; i < 150; ++i) trainer.run_epoch(go_on);
    INFO(to_string(scheme));
    CHECK(model.training->recipe.scheme == scheme);
    CHECK(model.training->loss < 0.05);
    CHECK(written(model, "abcdab", 6) == "cdabcd");
  }
}

TEST_CASE("a state carries over from batch to batch of the streams, and nowhere else") {
  Model streamed = stateful_model();
  CHECK(trained(streamed, alternating_text(), options(Scheme::streams, 8), 8) < 0.05);
  // Without a memory of what stands before it, a coin tells what follows each b, two characters in six.
  Model forgetful = stateful_model();
  CHECK(trained(forgetful, alternating_text(), options(Scheme::windows, 64), 8) > 0.2);
}

TEST_CASE("each epoch of streams begins with a zeroed state") {
  const auto first_loss = [](Trainer& trainer) {
    double first = 0;
    trainer.run_epoch([&](const StepReport& report) {
      if (report.step == 1) first = report.loss;
      return true;
    });
    return first;
  };
  Model model = stateful_model();
  Trainer trainer(model, small_text(), "text", options(Scheme::streams, 8), 1);
  first_loss(trainer);
  Model same = stateful_model();
  for (const StoredWeight& weight : stored_weights(model.graph))
    same.store.set_stored(weight.name, model.store.stored(weight.name));
  Trainer anew(same, small_text(), "text", options(Scheme::streams, 8), 1);
  CHECK(first_loss(trainer) == first_loss(anew));
}

TEST_CASE("a generator with a memory remembers the whole prompt, and a new prompt starts anew") {
  Model model = stateful_model();
  trained(model, alternating_text(), options(Scheme::streams, 8), 8);
  CHECK(written(model, "abdcbeabdc", 8) == "beabdcbe");
  CHECK(written(model, "abdcbea", 8) == "bdcbeabd");
  Generator generator(model, {});
  CHECK(generator.window() == 1);
  CHECK(generator.prompt("") == 1);
  generator.prompt("abdcb");
  const auto first = generator.candidates();
  CHECK(std::ranges::equal(first, generator.candidates(), {}, &Candidate::probability,
                           &Candidate::probability));
  generator.next();
  generator.prompt("abdcb");
  CHECK(std::ranges::equal(first, generator.candidates(), {}, &Candidate::probability,
                           &Candidate::probability));
}

TEST_CASE("a model with a state comes back from its file") {
  const TemporaryFolder folder;
  Model model = stateful_model();
  trained(model, alternating_text(), options(Scheme::streams, 8), 8);
  save_model(folder / "m.coil", model);
  Model back = load_model(folder / "m.coil");
  CHECK(back.training->recipe.scheme == Scheme::streams);
  CHECK(written(back, "abdcbea", 8) == "bdcbeabd");
}

TEST_CASE("a stream too short for its batch is refused") {
  Model model = stateful_model();
  CHECK(failure_of([&] {
          Trainer(model, "pack my box", "text", options(Scheme::streams, 11), 1);
        }).find("11 streams of 1 steps and a target need 12") != std::string::npos);
}

}  // namespace coil::test::schemes_test
