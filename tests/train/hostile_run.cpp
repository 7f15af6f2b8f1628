// What a file says of a run that is to be resumed, where the checksum is right and the content is not.

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "runtime/artifact/artifact.hpp"
#include "runtime/model/metadata.hpp"

#include "tests/support/cases.hpp"
#include "tests/support/rng.hpp"
#include "tests/train/models.hpp"

namespace coil::test {
namespace {

struct SavedRun {
  explicit SavedRun(Scheme scheme) : recipe(recipe_for(scheme)) {
    Model model = model_for(scheme);
    Trainer trainer(model, short_text(), "text", recipe, 1);
    train_to(trainer, model, 10);
    const TemporaryFolder folder;
    trainer.save(folder / "m.coil");
    artifact = load_artifact(folder / "m.coil");
  }

  Tensor& tensor(const std::string& name) {
    return *std::ranges::find(artifact.tensors, name, &Tensor::name);
  }

  Recipe recipe;
  Artifact artifact;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What loading and resuming say after `change`; "nothing" where both go well.
template <typename Change>
std::string after(SavedRun run, const Change& change, const std::string& text = short_text()) {
  change(run);
  const TemporaryFolder folder;
  std::ofstream(folder / "m.coil", std::ios::binary) << encode_artifact(run.artifact);
  return failure_of([&] {
    Model model = load_model(folder / "m.coil");
    Trainer trainer(model, text, "text", run.recipe, 1, Start::resume);
    if (!trainer.done()) trainer.run_epoch([](const StepReport&) { return false; });
  });
}

}  // namespace

TEST_CASE("tensors of a run that cannot be are refused") {
  const SavedRun saved(Scheme::streams);
  const std::string state = "training/state/lstm.h";
  const std::string mean = "training/mean/dense.kernel",
                    variance = "training/variance/dense.kernel";
  CHECK(after(saved, [](SavedRun&) {}) == "nothing");
  for (const Tensor& tensor : saved.artifact.tensors) {
    if (!tensor.name.starts_with("training/")) continue;
    const std::string why = after(saved, [&](SavedRun& run) {
      std::erase_if(run.artifact.tensors, [&](const Tensor& t) { return t.name == tensor.name; });
    });
    CHECK(why.find("3: what resuming needs is not in the model's file: '" + tensor.name) == 0);
  }
  REQUIRE(std::ranges::count(saved.artifact.tensors, state, &Tensor::name) == 1);
  CHECK(contains(after(saved,
                       [&](SavedRun& run) {
                         run.tensor(state).shape = {10, 6};
                       }),
                 "3: the model's file holds what no training leaves: '" + state +
                     "' is [10, 6], and [6, 10] is needed"));
  CHECK(contains(after(saved, [&](SavedRun& run) { run.tensor(mean).values[3] = std::nanf(""); }),
                 "3: the model's file holds what no training leaves: '" + mean + "' holds nan"));
  CHECK(contains(after(saved, [&](SavedRun& run) { run.tensor(variance).values[3] = -1; }),
                 "'" + variance + "' holds -1"));
  CHECK(after(saved, [&](SavedRun& run) { run.tensor(mean).values[3] = -1e-4f; }) == "nothing");
  CHECK(contains(after(saved,
                       [](SavedRun& run) {
                         run.artifact.tensors.push_back({"training/state/none", {1}, {0}});
                       }),
                 "'training/state/none'"));
  CHECK(contains(after(saved,
                       [](SavedRun& run) {
                         run.artifact.tensors.push_back({"trainings/mean", {1}, {0}});
                       }),
                 "the model has no 'trainings/mean'"));
}

TEST_CASE("numbers of a run that cannot be are refused") {
  const SavedRun saved(Scheme::windows);
  const auto with = [&](const std::string& from, const std::string& to) {
    return after(saved, [&](SavedRun& run) {
      std::string& json = run.artifact.metadata[training_key];
      const std::size_t at = json.find(from);
      REQUIRE(at != std::string::npos);
      json.replace(at, from.size(), to);
    });
  };
  CHECK(with("\"step\":10", "\"step\":10") == "nothing");
  CHECK(contains(with("\"step\":10", "\"step\":11"), "the counts of coil.training do not fit"));
  CHECK(contains(with("\"step\":10", "\"step\":-1"), "'step' of coil.training"));
  CHECK(contains(with("\"steps\":10", "\"steps\":9007199254740993"), "'steps' of coil.training"));
  CHECK(contains(with("\"updates\":10", "\"updates\":11"), "do not fit together"));
  CHECK(contains(with("\"epochs\":0", "\"epochs\":2147483648"), "'epochs'"));
  CHECK(contains(with("\"epochs_since_best\":0", "\"epochs_since_best\":1"), "do not fit"));
  CHECK(contains(with("\"loss_sum\":", "\"loss_sum\":-"), "'loss_sum'"));
  CHECK(contains(with("\"first_loss\":", "\"first_loss\":\"3\",\"x\":"), "'first_loss'"));
  CHECK(contains(with("\"adam\"", "\"lion\""), "'optimizer' of coil.training is none"));
  CHECK(contains(with("\"text_hash\":\"", "\"text_hash\":\"0"), "'text_hash'"));
  const auto beyond = [](SavedRun& run) {
    std::string& json = run.artifact.metadata[training_key];
    json.replace(json.find("\"step\":10"), 9, "\"step\":700");
    json.replace(json.find("\"steps\":10"), 10, "\"steps\":700");
  };
  CHECK(contains(after(saved, beyond), "3: the model's file is 700 steps into an epoch of 61"));
}

TEST_CASE("a file of an earlier Coil's training says what to do, and one never trained too") {
  const SavedRun saved(Scheme::windows);
  CHECK(contains(after(saved, [](SavedRun& run) { run.artifact.metadata.erase(recipe_key); }),
                 "an earlier Coil trained it; compile its model and train it anew"));
  CHECK(after(saved, [](SavedRun& run) {
          run.artifact.metadata[recipe_key] = "phases: 3";
        }).starts_with("3:"));
  CHECK(contains(after(saved,
                       [](SavedRun& run) {
                         run.artifact.metadata.erase(recipe_key);
                         run.artifact.metadata.erase(training_key);
                       }),
                 "2: Windows has not been trained, so there is nothing to resume"));
}

TEST_CASE("another text and other settings than the run began with are refused") {
  const SavedRun saved(Scheme::windows);
  const auto same = [](SavedRun&) {};
  CHECK(contains(after(saved, same, short_text() + "p"),
                 "2: text is not the text that the run began with, which had 1507 characters"));
  std::string other = short_text();
  std::swap(other[3], other[4]);
  CHECK(contains(after(saved, same, other), "is not the text that the run began with"));
  CHECK(contains(after(saved, [](SavedRun& run) { run.recipe.batch = 26; }),
                 "2: resuming needs the batch that the run began with, 25, and is given 26"));
  CHECK(contains(after(saved, [](SavedRun& run) { run.recipe.seed = 2; }), "the seed"));
  const SavedRun streams(Scheme::streams);
  CHECK(contains(after(streams, [](SavedRun& run) { run.recipe.reset = Reset::never; }),
                 "the reset of states that the run began with, epoch, and is given never"));
  CHECK(contains(after(saved, [](SavedRun& run) { run.recipe.scheme = Scheme::blocks; }),
                 "the scheme that the run began with, windows, and is given blocks"));
  CHECK(contains(after(saved, [](SavedRun& run) { run.recipe.validation = 0.1; }), "validation"));
  CHECK(after(saved, [](SavedRun& run) { run.recipe.phases[0].learning_rate = 0.5; }) == "nothing");
}

TEST_CASE("random changes of what a file says of its run end in a message or in training") {
  const SavedRun saved(Scheme::streams);
  Rng rng(11);
  const std::uint64_t trials = cases(500);
  std::uint64_t refused = 0;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    const std::string why = after(saved, [&](SavedRun& run) {
      std::string& text = run.artifact.metadata[rng.chance(0.7) ? training_key : recipe_key];
      for (std::int64_t edits = rng.between(1, 3); edits > 0; --edits) {
        const auto at = static_cast<std::size_t>(rng.between(0, std::ssize(text) - 1));
        const std::string put(1, "0123456789-+.e,:{}[]\"nul \n"[rng.between(0, 26)]);
        text.replace(at, static_cast<std::size_t>(rng.between(0, 2)), rng.coin() ? put : "");
      }
    });
    INFO(why);
    CHECK((why == "nothing" || why.starts_with("3:") || why.starts_with("2:")));
    if (why != "nothing") ++refused;
  }
  CHECK(refused > trials / 4);
  CHECK(refused < trials);
}

}  // namespace coil::test
